"""Letters with facts that nobody would wish for, and what every mail made of them has to hold."""

import email
import email.policy
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import unescape

from mailflow.edges.mail_templates import TemplateLetters
from mailflow.tickets.effects import Audience, Purpose, SendMail
from mailflow.tickets.ticket import (
    AccountStatus,
    Cause,
    Containment,
    Job,
    Kind,
    Outcome,
    Proof,
    ProofKind,
    Standing,
    State,
    Subject,
    Ticket,
    Witness,
)
from mailflow.workflow.facts import facts_for, facts_without_ticket, template_for
from mailflow.workflow.ports import Letter
from mailflow.workflow.records import Entry, Retailer

AT = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
HOSTILE = "<script>x</script>\r\nBcc: evil@example.test\r\n\r\n{{ 7*7 }} \u202e & \U0001f600"
ERROR = "line <b>one</b>\r\n##- Please reply above this line -##\n" + "x" * 10_000
DESK = {Purpose.TRIAGE, Purpose.DAILY_DIGEST}
OUTCOMES = [*Outcome, None]


def ticket_of(outcome=Outcome.PAUSED, cause=Cause.FEED_FAILED, words=HOSTILE) -> Ticket:
    proof = Proof(
        id="p", kind=ProofKind.WRITTEN_CONFIRMATION, subject=Subject.REPAIR,
        witness=Witness.RETAILER, by="shop@example.com", at=AT, covers=AT + timedelta(hours=1),
        source="m", detail=words,
    )  # fmt: skip
    return Ticket(
        id="MF-1001",
        job=Job(id="job-7", name=f"Prices {words}", retailer="acme", marketplace="Bazaar",
                kind=Kind.FEED, platform="p"),
        cause=cause, error_text=ERROR, opened_at=AT, last_failure_at=AT,
        state=State.AWAITING_RETAILER, proofs=(proof,),
        status=AccountStatus(standing=Standing.RUNNING, because=words, since=AT),
        containment=None if outcome is None else Containment(outcome=outcome, at=AT, because=words),
    )  # fmt: skip


def digest_of():
    here = {"ticket": "MF-1", "job": HOSTILE, "retailer": HOSTILE, "marketplace": HOSTILE}
    waits = {**here, "state": "with_staff", "seconds": 93_784, "deadline": AT.isoformat()}

    def cut(*rows):
        return {"rows": list(rows), "count": len(rows), "more": 2}

    return {
        "since": AT, "until": AT, "failed": cut({**here, "cause": "feed_failed", "times": 2}),
        "stopped": cut({**here, "outcome": "paused", "seconds": 3}),
        "pace": {"typical": 3, "slowest": 60}, "waiting": [{"whom": "staff", **cut(waits)}],
        "closed": cut({**here, "path": "removed", "proofs": [{"kind": "change_validated"}]}),
        "overdue": cut(waits), "late_orders": 2, "peak": 4,
        "shelf": cut({"id": 1, "kind": "triage", "because": HOSTILE, "seconds": 3_600}),
        "days": [{"day": 24, "weekday": 1, "failed": 4, "closed": 1}],
    }  # fmt: skip


def letter_of(
    purpose=Purpose.FIRST_NOTICE, ticket=None, language="en", for_staff=True, **more
) -> Letter:
    ticket = ticket or ticket_of()
    effect = SendMail(
        purpose=purpose, audience=Audience.STAFF, reason=HOSTILE, reasons=(HOSTILE, "two")
    )
    if purpose in DESK:
        known = {
            "shelf_item": 3, "kind": "no_ticket", "unheard_of": 1, "digest": digest_of(),
        }  # fmt: skip
        facts = facts_without_ticket(effect, team="Desk Nine", known=known)
    else:
        line = Entry(
            seq=1, ticket=ticket.id, at=AT, event="AlertReceived", data={}, state_before="",
            state_after="containing", because=HOSTILE, cause="mail:1", hash="",
        )  # fmt: skip
        facts = facts_for(
            ticket, effect=effect, team="Desk Nine", reply_by=AT + timedelta(days=2),
            retailer=Retailer(id="acme", name=HOSTILE, language="en", zone="UTC", contacts=()),
            others=[replace(ticket, id="MF-1002"), ticket], reply_text=ERROR, for_staff=for_staff,
            story=[line], options=["OPTION ONE MF-1001"], commands=[("verified", "attest <b>")],
        )  # fmt: skip
    made = Letter(
        purpose=purpose, template=template_for(ticket, effect), language=language,
        zone="Europe/Berlin", facts=facts, message_id="<mf.1@example.com>", sent_at=AT,
        to=("shop@example.com",), reply_to="inbox+t@example.com",
    )  # fmt: skip
    return replace(made, **more)


LETTERS = TemplateLetters(None, "inbox@example.com", "Team")


def write(letter):
    return LETTERS.write(letter)


def parsed(mail):
    return email.message_from_bytes(mail.raw, policy=email.policy.default)


def html_of(mail):
    return parsed(mail).get_body(("html",)).get_content()


def tagless(html):
    html = re.sub(r"<style>.*?</style>|<title>.*?</title>|<h1>.*?</h1>", " ", html, flags=re.DOTALL)
    return unescape(re.sub(r"<[!/]?[a-zA-Z][^>]*>", " ", html))


def facts_in(text):
    return set(re.findall(r"\w{4,}", text))


def assert_sound(mail, language):
    """Whatever the facts are, nobody else writes into our mail, and both its parts say the same."""
    message, html = parsed(mail), html_of(mail)
    assert "\n" not in mail.subject
    assert len(mail.subject) <= 140
    assert message["Bcc"] is None
    assert "<script" not in html
    assert "49" not in mail.text.replace("MF-", "")
    assert mail.text.startswith("##- ")
    assert sum(line.startswith("##- ") for line in mail.text.splitlines()) == 1
    assert len(mail.text) < 20_000
    assert f'<html lang="{language}">' in html
    assert facts_in(mail.text) == facts_in(tagless(html))
