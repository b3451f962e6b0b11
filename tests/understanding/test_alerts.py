"""Alerts: what the shipped rule packs read, and what they hand to a person."""

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailflow.tickets.ticket import Cause, Kind
from mailflow.understanding.alerts import RulePacks, load_packs, read_alert
from mailflow.understanding.message import Address, Attachment, Message

FOLDER = Path(__file__).parents[2] / "config" / "alerts"
PACKS = load_packs({path.name: path.read_text() for path in FOLDER.glob("*.toml")})
JOBS, DIGEST = "jobs@alerts.mailflow.test", "digest@alerts.mailflow.test"
API, DESK = "api@alerts.mailflow.test", "desk@staff.mailflow.test"
ONE = """Job: feed-17
Job name: Spring catalogue
Retailer: lumen
Marketplace: Bazaro
Kind: product feed
Error: access token has expired
Failed at: 2026-03-03T02:15:00
"""


def mail(sender: str, text: str = "", html: str = "", **other: Any) -> Message:
    values: dict[str, Any] = {
        "message_id": "<1@alerts.mailflow.test>",
        "in_reply_to": (),
        "references": (),
        "subject": "Job failed",
        "from_": (Address(name="", address=sender),),
        "reply_to": (),
        "to": (),
        "cc": (),
        "date": None,
        "text": text,
        "html": html,
        "headers": (),
        "attachments": (),
        "nested": (),
        "defects": (),
    }
    return Message(**(values | other))


def attached(
    name: str, content: bytes, content_type: str = "application/octet-stream"
) -> Attachment:
    return Attachment(
        path="2",
        filename=name,
        content_type=content_type,
        inline=False,
        content_id="",
        sha256=hashlib.sha256(content).hexdigest(),
        content=content,
    )


def own_pack(rest: str) -> RulePacks:
    text = 'name = "own"\nsenders.domains = ["own.test"]\n' + rest
    return load_packs({"own.toml": text})


def test_every_field_of_a_key_value_alert_is_read() -> None:
    reading = read_alert(mail(JOBS, ONE), PACKS)
    assert reading is not None
    assert reading.pack == "key-value"
    (failure,) = reading.failures
    assert (failure.job, failure.job_name) == ("feed-17", "Spring catalogue")
    assert (failure.retailer, failure.marketplace) == ("lumen", "Bazaro")
    assert (failure.kind, failure.cause) == (Kind.FEED, Cause.TOKEN_EXPIRED)
    assert failure.failed_at == datetime(2026, 3, 3, 1, 15, tzinfo=UTC)
    assert reading.unread == ()


def test_several_key_value_failures_in_one_mail_are_told_apart() -> None:
    two = ONE + "\n" + ONE.replace("feed-17", "feed-18")
    reading = read_alert(mail(JOBS, two), PACKS)
    assert reading is not None
    assert [failure.job for failure in reading.failures] == ["feed-17", "feed-18"]


def test_the_same_failure_written_twice_is_one() -> None:
    reading = read_alert(mail(JOBS, ONE + "\n" + ONE), PACKS)
    assert reading is not None
    assert len(reading.failures) == 1


def test_an_indented_line_goes_on_with_the_error() -> None:
    text = ONE.replace("Error: access token has expired", "Error: HTTP 401\n    token expired")
    reading = read_alert(mail(JOBS, text), PACKS)
    assert reading is not None
    assert reading.failures[0].error_text == "HTTP 401\ntoken expired"


def test_a_failure_without_a_needed_field_is_unread_not_dropped() -> None:
    text = ONE + "\nJob: feed-99\nMarketplace: Bazaro\n"
    reading = read_alert(mail(JOBS, text), PACKS)
    assert reading is not None
    assert len(reading.failures) == 1
    (unread,) = reading.unread
    assert "feed-99" in unread
    assert "no retailer" in unread


def test_two_different_ids_in_one_failure_are_not_guessed_between() -> None:
    text = ONE + "Job ID: feed-18\n\n" + ONE
    reading = read_alert(mail(JOBS, text), PACKS)
    assert reading is not None
    assert "two answers for job" in reading.unread[0]


def test_an_unknown_kind_is_not_guessed() -> None:
    assert read_alert(mail(JOBS, ONE.replace("product feed", "teapot")), PACKS) is None


def test_a_time_that_cannot_be_read_does_not_hold_the_alert_up() -> None:
    reading = read_alert(mail(JOBS, ONE.replace("2026-03-03T02:15:00", "last night")), PACKS)
    assert reading is not None
    assert reading.failures[0].failed_at is None


@pytest.mark.parametrize(
    ("sender", "text"),
    [
        (JOBS, "Nothing to report."),
        (JOBS, "Job: feed-17"),
        (DESK + ".evil.test", ONE),
        ("jobs@sub.alerts.mailflow.test", ONE),
        ("", ONE),
        (API, ONE),
    ],
)
def test_what_no_rule_of_the_sender_reads_is_no_reading(sender: str, text: str) -> None:
    assert read_alert(mail(sender, text), PACKS) is None


def test_two_senders_are_no_sender() -> None:
    pair = (Address(name="", address=JOBS), Address(name="", address="x@evil.test"))
    assert read_alert(mail(JOBS, ONE, from_=pair), PACKS) is None


def test_a_subject_that_does_not_match_is_not_read() -> None:
    assert read_alert(mail(JOBS, ONE, subject="Weekly newsletter"), PACKS) is None


def test_staff_may_write_an_alert_by_hand_in_their_own_order() -> None:
    text = """Hi, this one came in by phone:

- Marktplatz = Marktly
- Händler: lumen
- Auftrag: sync-3
Fehler: Verbindung weg, timed out

See https://status.example for more. Thanks
"""
    reading = read_alert(mail(DESK, text, subject="please open a ticket"), PACKS)
    assert reading is not None
    (failure,) = reading.failures
    assert (failure.job, failure.retailer, failure.marketplace) == ("sync-3", "lumen", "Marktly")
    assert (failure.kind, failure.cause) == (Kind.SYNC, Cause.CONNECTION_FAILED)


HTML = """<html><body><table><tr><td>Good morning
<table border=1><thead><tr><th>Job&nbsp;ID<th>Retailer<th>Marketplace<th>Type<th>Error</thead>
<tr><td>j-1</td><td>lumen</td><td>Bazaro</td><td>feed</td><td>XML <b>broken</b></td></tr>
<tr><td>j-2</td><td></td><td>Bazaro</td><td>feed</td><td>XML broken</td></tr>
<tr><td>j-3</td><td>fern</td><td>Shopora</td><td>token</td><td>expired token</td></tr>
<tr><td colspan=5>3 failures</td></tr>
</table></td></tr></table>"""
BARS = """Failures of the night:

| Job | Retailer | Marketplace | Error         |
|-----|----------|-------------|---------------|
| j-1 | lumen    | Bazaro        | XML broken    |
| j-3 | fern     | Shopora        | expired token |

2 failures
"""
COLUMNS = """Job   Retailer   Marketplace   Error
----  ---------  ------------  -------
j-1   lumen      Bazaro          XML broken
j-3   fern       Shopora          expired token
"""


@pytest.mark.parametrize("table", [BARS, COLUMNS])
def test_each_row_of_a_drawn_table_is_a_failure(table: str) -> None:
    reading = read_alert(mail(DIGEST, table), PACKS)
    assert reading is not None
    assert [failure.job for failure in reading.failures] == ["j-1", "j-3"]
    assert [failure.cause for failure in reading.failures] == [
        Cause.FEED_FAILED,
        Cause.TOKEN_EXPIRED,
    ]
    assert reading.unread == ()


def test_an_html_table_within_a_layout_table_is_read_and_its_odd_rows_kept() -> None:
    reading = read_alert(mail(DIGEST, "see HTML", HTML), PACKS)
    assert reading is not None
    assert [failure.job for failure in reading.failures] == ["j-1", "j-3"]
    assert reading.failures[0].error_text == "XML broken"
    assert len(reading.unread) == 2
    assert "3 failures" in reading.unread[0]
    assert "no retailer" in reading.unread[1]


ITEM = {
    "job": {"id": "j-1", "name": "Night"},
    "retailer": "lumen",
    "marketplace": "Bazaro",
    "kind": "Order Sync",
    "error": "stock sync stopped",
    "failed_at": "2026-03-03T02:15:00+02:00",
}


def test_json_is_read_from_the_text_and_from_an_attachment() -> None:
    body = "Please see below.\n" + json.dumps({"failures": [ITEM]}, indent=1) + "\nThe platform"
    text = read_alert(mail(API, body), PACKS)
    content = json.dumps({"Failures": [ITEM, {"job_id": 7}, "x"]}).encode("utf-8-sig")
    file = read_alert(mail(API, "", attachments=(attached("f.JSON", content),)), PACKS)
    assert text is not None
    assert file is not None
    assert text.failures == file.failures
    assert text.failures[0].failed_at == datetime(2026, 3, 3, 0, 15, tzinfo=UTC)
    assert (text.failures[0].job_name, text.failures[0].kind) == ("Night", Kind.SYNC)
    assert len(file.unread) == 2


def test_json_is_found_below_a_line_that_only_begins_like_it() -> None:
    body = "[INFO] failed again\n" + "\n" * 50_000 + json.dumps({"failures": [ITEM]})
    reading = read_alert(mail(API, body), PACKS)
    assert reading is not None
    assert len(reading.failures) == 1


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[" * 100_000,
        '{"failures": [{"job_id": "1", "job_id": "2"}]}',
        "[1]",
        '{"failures": 1}',
    ],
)
def test_broken_json_is_no_reading(text: str) -> None:
    assert read_alert(mail(API, text), PACKS) is None


def test_csv_is_read_from_an_attachment_whatever_separates_it() -> None:
    packs = own_pack(
        """extract = {form = "csv", where = "attachment"}
        fields = {job = "id", retailer = "shop", marketplace = "channel", failed_at = "when"}
        defaults = {kind = "feed"}
        time = {format = "%d.%m.%Y %H:%M", zone = "Europe/Berlin"}
        """
    )
    rows = 'id;shop;channel;when\nj-1;"Käse; Brot";Bazaro;03.07.2026 02:00\nj-2;x\n'
    message = mail("a@own.test", attachments=(attached("x.csv", rows.encode("cp1252")),))
    reading = read_alert(message, packs)
    assert reading is not None
    assert reading.failures[0].retailer == "Käse; Brot"
    assert reading.failures[0].failed_at == datetime(2026, 7, 3, 0, 0, tzinfo=UTC)
    assert reading.unread == ("j-2 | x",)


def test_each_line_that_a_pattern_finds_is_a_failure() -> None:
    packs = own_pack(
        """defaults = {kind = "connection"}
        [extract]
        form = "regex"
        pattern = '^FAIL (?P<job>\\S+) (?P<retailer>\\S+)@(?P<marketplace>\\w+): (?P<error_text>.+)'
        """
    )
    text = "FAIL j-1 lumen@bazaro: down\nok j-2 lumen@bazaro: up\nFAIL j-3 fern@shopora: down\n"
    reading = read_alert(mail("a@own.test", text), packs)
    assert reading is not None
    assert [failure.job for failure in reading.failures] == ["j-1", "j-3"]


def test_what_is_too_much_to_look_at_is_told() -> None:
    text = ONE + "x\n" * 6_000
    reading = read_alert(mail(JOBS, text), PACKS)
    assert reading is not None
    assert "more lines were not looked at" in reading.unread[0]


def test_only_listed_addresses_and_exact_domains_are_senders() -> None:
    packs = own_pack('extract.form = "table"\nfields = {job = "j"}\ndefaults = '
                     '{kind = "feed", retailer = "r", marketplace = "m"}')  # fmt: skip
    assert packs.is_sender(" Any@OWN.test ")
    assert not packs.is_sender("any@not-own.test")
    assert not packs.is_sender("any@own.test.evil.test")
    assert not packs.is_sender("")


@given(st.text(), st.text())
def test_no_text_makes_reading_fail(text: str, html: str) -> None:
    for sender in (JOBS, DIGEST, API, DESK):
        read_alert(mail(sender, text, html), PACKS)
        read_alert(mail(sender, f"Job: a\n{text}\nRetailer: b", f"<table><tr>{html}"), PACKS)


@given(st.lists(st.sampled_from(["j-1", "j-2", "", "j-3"]), max_size=8))
def test_every_row_is_either_read_or_handed_over(ids: list[str]) -> None:
    rows = "".join(f"| {job} | lumen | Bazaro | err{n} |\n" for n, job in enumerate(ids))
    table = "| Job | Retailer | Marketplace | Error |\n" + rows
    reading = read_alert(mail(DIGEST, table), PACKS)
    read = 0 if reading is None else len(reading.failures) + len(reading.unread)
    assert read == (len(ids) if any(ids) else 0)
