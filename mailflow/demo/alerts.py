"""Alerts as the job checks of the stage write them, in the forms that the shipped packs read."""

import json
from html import escape

from mailflow.demo.stage import just_now
from mailflow.tickets.ticket import Job, Kind

_KINDS = {
    Kind.FEED: "product feed",
    Kind.SYNC: "order sync",
    Kind.CONNECTION: "api connection",
    Kind.WEBSITE: "crawler",
    Kind.TOKEN: "access token",
}


def as_json(job: Job, error: str) -> str:
    """Write an alert as a program would: JSON in the mail's text."""
    failure = {
        "job": {"id": job.id, "name": job.name},
        "retailer": job.retailer,
        "marketplace": job.marketplace,
        "kind": _KINDS[job.kind],
        "error": error,
        "failed_at": just_now(),
    }
    return json.dumps({"failures": [failure]})


def as_lines(job: Job, error: str) -> str:
    """Write an alert as "Name: value" lines."""
    return (
        f"Job ID: {job.id}\nJob name: {job.name}\nRetailer: {job.retailer}\n"
        f"Marketplace: {job.marketplace}\nKind: {_KINDS[job.kind]}\nError: {error}\n"
        f"Failed at: {just_now()}\n"
    )


def as_table(jobs: tuple[Job, ...], error: str) -> str:
    """Write an alert as an HTML table, a row a failure."""
    heads = ("Job ID", "Name", "Retailer", "Marketplace", "Kind", "Error", "Failed at")
    rows = [
        (j.id, j.name, j.retailer, j.marketplace, _KINDS[j.kind], error, just_now()) for j in jobs
    ]
    cells = ["".join(f"<td>{escape(cell)}</td>" for cell in row) for row in rows]
    body = "".join(f"<tr>{row}</tr>" for row in cells)
    head = "".join(f"<th>{escape(name)}</th>" for name in heads)
    return f"<html><body><table><tr>{head}</tr>{body}</table></body></html>"
