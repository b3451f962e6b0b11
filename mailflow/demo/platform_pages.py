"""The simulated platform's pages for people: plain HTML that any renderer can draw."""

from datetime import datetime
from html import escape
from urllib.parse import quote

from mailflow.edges.platforms.simulated import JobView
from mailflow.workflow.ports import JobState, Run, RunStatus

_SHOWN_RUNS = 20
_STATES = {
    JobState.RUNNING: "Active",
    JobState.STOPPED: "Paused",
    JobState.REMOVED: "Removed",
}
# Words carry the meaning; the colours only help (all at 4.5:1 on white or better).
_COLOURS = {
    "Succeeded": "#14632c",
    "Failed": "#a01b1b",
    "Running": "#1f4e8c",
    "Removed": "#5a2d82",
    "Paused": "#7a4a00",
    "Active": "#14632c",
}
_STYLE = """
body { margin: 0; padding: 32px; background: #f4f5f7; color: #1b1f24;
       font-family: "DejaVu Sans", Verdana, Arial, sans-serif; font-size: 17px; line-height: 1.4; }
h1 { font-size: 28px; margin: 0 0 8px 0; }
h2 { font-size: 21px; margin: 28px 0 10px 0; }
p { margin: 0 0 20px 0; color: #444c56; }
a { color: #1f4e8c; }
table { border-collapse: collapse; background: #ffffff; width: 100%; }
th, td { border: 1px solid #c9ced6; padding: 10px 14px; text-align: left; font-size: 17px; }
th { background: #e6e9ee; font-weight: bold; }
.facts th { width: 220px; }
"""


def list_page(views: tuple[JobView, ...]) -> str:
    rows = "".join(_list_row(view) for view in views)
    if not rows:
        rows = '<tr><td colspan="6">There are no jobs.</td></tr>'
    heads = ("Job", "Name", "Retailer", "Marketplace", "Status of last run", "Finished at")
    return _page(
        "Job runs",
        "<h1>Job runs</h1><p>Every job with its latest run. Times are UTC.</p>"
        f"<table>{_head(heads)}<tbody>{rows}</tbody></table>",
    )


def job_page(view: JobView) -> str:
    job = view.job
    return _page(
        f"{job.name} ({job.id})",
        f"<h1>{escape(job.name)}</h1><p>Job {escape(job.id)}. Times are UTC.</p>"
        f'<table class="facts"><tbody>{_facts(view)}</tbody></table>'
        f"{_runs(view)}"
        '<p><br><a href="/">All jobs</a></p>',
    )


def missing_page() -> str:
    return _page("Not found", '<h1>Not found</h1><p><a href="/">All jobs</a></p>')


def _facts(view: JobView) -> str:
    job = view.job
    facts = [
        ("Job name", escape(job.name)),
        ("Job ID", escape(job.id)),
        ("Retailer", escape(job.retailer)),
        ("Marketplace", escape(job.marketplace)),
    ]
    if view.removed_at is None:
        facts.append(("State", _word(_STATES[view.state])))
    else:
        facts.append(("Status", _word("Removed")))
        facts.append(("Removed at", _time(view.removed_at)))
    return "".join(f'<tr><th scope="row">{name}</th><td>{value}</td></tr>' for name, value in facts)


def _runs(view: JobView) -> str:
    """Show the runs; a removed job that never ran has nothing to show any more."""
    if view.removed_at is not None and not view.runs:
        return ""
    return f"<h2>Runs</h2>{_runs_table(view)}"


def _runs_table(view: JobView) -> str:
    rows = "".join(
        f"<tr><td>{escape(run.id)}</td><td>{_status(run)}</td><td>{_time(run.started_at)}</td>"
        f"<td>{_time(run.finished_at)}</td><td>{items}</td></tr>"
        for run, items in zip(view.runs[:_SHOWN_RUNS], view.items, strict=False)
    )
    if not rows:
        rows = '<tr><td colspan="5">There was no run yet.</td></tr>'
    heads = ("Run ID", "Status", "Started at", "Finished at", "Items")
    return f"<table>{_head(heads)}<tbody>{rows}</tbody></table>"


def _list_row(view: JobView) -> str:
    job = view.job
    link = f'<a href="/jobs/{quote(job.id, safe="")}">{escape(job.id)}</a>'
    if view.removed_at is not None:
        status, when = _word("Removed"), _time(view.removed_at)
    elif view.runs:
        status, when = _status(view.runs[0]), _time(view.runs[0].finished_at)
    else:
        status, when = "No run yet", "-"
    texts = "".join(f"<td>{escape(text)}</td>" for text in (job.name, job.retailer))
    return (
        f"<tr><td>{link}</td>{texts}<td>{escape(job.marketplace)}</td>"
        f"<td>{status}</td><td>{when}</td></tr>"
    )


def _head(names: tuple[str, ...]) -> str:
    cells = "".join(f'<th scope="col">{name}</th>' for name in names)
    return f"<thead><tr>{cells}</tr></thead>"


def _status(run: Run) -> str:
    words = {RunStatus.SUCCEEDED: "Succeeded", RunStatus.FAILED: "Failed"}
    return _word(words.get(run.status, "Running"))


def _word(word: str) -> str:
    return f'<strong style="color: {_COLOURS[word]}">{word}</strong>'


def _time(when: datetime | None) -> str:
    return when.strftime("%Y-%m-%d %H:%M:%S UTC") if when else "-"


def _page(title: str, content: str) -> str:
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>"
        f"<body><main>{content}</main></body></html>"
    )
