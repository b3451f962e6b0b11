"""Everything that people can bring about by mail, through real servers and the real daemon."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.mime.message import MIMEMessage
from email.mime.multipart import MIMEMultipart
from html import unescape
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from mailflow.demo.alerts import as_json
from mailflow.demo.people import BOX, JSON_ALERTS, LINE_ALERTS, SHOPS, STAFF, Received
from mailflow.demo.stage import Stage
from mailflow.demo.stories import Story
from mailflow.tickets.effects import Purpose
from mailflow.tickets.ticket import Job, Kind, Standing, State

NORTH, SOUTH, EAST, WEST = SHOPS


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with Stage(tmp_path_factory.mktemp("doors")) as stage:
        yield stage


def failing(stage: Stage, name: str, shop=NORTH, error: str = "the connection timed out") -> Story:
    """Let a job of its own fail, and give its story once it is stopped."""
    job = Job(
        id=name,
        name=f"Job {name}",
        retailer=shop.account,
        marketplace=f"market{name}",
        kind=Kind.CONNECTION,
        platform="simulated",
    )
    stage.platform.add_job(job, broken=True)
    story = Story(stage, shop, job, lambda _line: None)
    story.fails(JSON_ALERTS, "Job failed", as_json(job, error))
    story.is_stopped()
    return story


def command(story: Story, words: str) -> str:
    """Let staff order something on the ticket; gives the text of the answer."""
    ticket = story.ticket()
    assert ticket is not None
    before = len(_answers(story, ticket.id))
    story.stage.send(STAFF, BOX, f"[{ticket.id}] order", words)
    story.stage.wait_for("an answer", lambda: len(_answers(story, ticket.id)) > before)
    return _answers(story, ticket.id)[-1]


def _answers(story: Story, ticket: str) -> list[str]:
    about = [m for m in story.stage.sent_about(ticket) if m.state == "sent"]
    return [m.text for m in about if m.purpose == Purpose.COMMAND_ANSWER]


def mailflow(stage: Stage, *words: str, status: int = 0) -> str:
    command = [sys.executable, "-m", "mailflow", *words, "--config", str(stage.config)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == status, ended.stderr
    return ended.stdout


def rows(stage: Stage, *words: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in mailflow(stage, *words, "--json").splitlines()]


def test_a_word_stops_a_removal_that_was_announced(stage: Stage):
    story = failing(stage, "leaving", WEST, "seller account closed: the shop was offboarded")
    words = "Ya no vendemos en marketleaving.\nPor favor, eliminen la integración."
    story.answers(story.is_told(Purpose.FIRST_NOTICE), words)
    announced = story.is_told(Purpose.REMOVAL_SCHEDULED)
    story.answers(announced, "¡Alto, por favor, no la eliminen!")

    ticket = story.is_in(State.WITH_STAFF, State.REMOVING, State.AWAITING_EVIDENCE)

    assert ticket.state is State.WITH_STAFF, "the word came after the grace of two seconds"
    assert "remove" not in [a.verb for a in stage.platform.acts() if a.job == "leaving"]


def test_an_unclear_answer_is_asked_once_more_and_a_link_answers_it(stage: Stage):
    """The link's mail answers none of ours: it is known by the address that it goes to."""
    story = failing(stage, "asked", SOUTH)
    story.answers(story.is_told(Purpose.FIRST_NOTICE), "Erledigt.")
    asked = message_from_bytes(story.is_told(Purpose.CLARIFICATION).raw, policy=policy.default)
    page = asked.get_body(("html",))
    assert page is not None
    links = [
        urlsplit(unescape(link)) for link in re.findall(r'"(mailto:[^"]+)"', page.get_content())
    ]
    words = [parse_qs(link.query) for link in links]
    done = next(n for n, said in enumerate(words) if "ERLEDIGT" in said["body"][0])
    story.is_repaired()

    subject, text = words[done]["subject"][0], words[done]["body"][0]
    stage.send(
        SOUTH.address, unquote(links[done].path), subject, f"{text}\n\nVon meinem Telefon gesendet"
    )

    story.is_in(State.AWAITING_EVIDENCE)
    told = stage.sent_about(story.is_in(State.AWAITING_EVIDENCE).id)
    assert len([mail for mail in told if mail.purpose == Purpose.CLARIFICATION]) == 1


def test_staff_act_by_mail_and_are_told_what_is_done_and_owed(stage: Stage):
    story = failing(stage, "orders")
    story.is_told(Purpose.FIRST_NOTICE)

    assert "written_confirmation" in command(story, "NOTE: called them, they look into it")
    assert "stays paused" not in command(story, "nonsense")
    command(story, "KEEP PAUSED: until they have moved house")
    assert story.is_in(State.STAYING_PAUSED).status.standing is Standing.STAYS_PAUSED
    command(story, "HAND BACK")
    story.is_in(State.AWAITING_RETAILER)
    story.is_repaired()
    answer = command(story, "REACTIVATE\nVALIDATED: the new key is in the system")
    assert "REACTIVATE" in answer
    assert "screenshot_accepted" in answer
    story.is_in(State.AWAITING_EVIDENCE)
    command(story, "VERIFIED")
    notes = [e.event for e in stage.story_of(story.is_in(State.AWAITING_EVIDENCE).id)]
    assert "StaffNoted" in notes


def test_a_forwarded_mail_brings_its_picture_to_the_ticket(stage: Stage):
    story = failing(stage, "forward")
    notice = story.is_told(Purpose.FIRST_NOTICE)
    story.is_repaired()
    story.answers(notice, "We have renewed the access token.")
    story.is_in(State.AWAITING_EVIDENCE)
    wanted = story.staff_are_told(Purpose.EVIDENCE_WANTED)
    inner = EmailMessage()
    inner["From"], inner["Subject"] = NORTH.address, "look"
    inner.set_content("as you asked")
    inner.add_attachment(story.picture(), maintype="image", subtype="png", filename="run.png")
    outer = MIMEMultipart()
    outer["From"], outer["To"], outer["Subject"] = STAFF, wanted.reply_to, "Fwd: look"
    outer["Message-ID"] = "<forward@staff.mailflow.test>"
    outer.attach(MIMEMessage(inner))

    stage.post(STAFF, outer)  # type: ignore[arg-type] # any message can be sent

    story.is_closed()


def test_an_alert_that_no_rule_reads_goes_to_staff_with_the_mail_attached(stage: Stage):
    stage.send(LINE_ALERTS, BOX, "Job failed", "Something broke, I cannot say what.")

    mail = stage.wait_for("the triage mail", lambda: _staff_mail(stage, "no rule pack can read"))

    (attached,) = message_from_bytes(mail.raw, policy=policy.default).iter_attachments()
    assert attached.get_filename() == "mail.eml"
    assert b"Something broke, I cannot say what." in attached.get_content()
    assert "an alert that no rule pack can read" in [r["because"] for r in rows(stage, "shelf")]


def _staff_mail(stage: Stage, text: str) -> Received | None:
    found = (mail for mail in stage.mails_of(STAFF) if text.encode() in mail.raw)
    return next(found, None)


def test_a_bounce_changes_no_ticket_and_is_shown_to_staff(stage: Stage):
    story = failing(stage, "bounced")
    notice = story.is_told(Purpose.FIRST_NOTICE)
    bounce = MIMEMultipart("report", report_type="delivery-status")
    bounce["From"], bounce["To"] = NORTH.address, BOX
    bounce["Subject"] = "Undelivered Mail Returned to Sender"
    bounce["Message-ID"] = "<bounce@north.example>"
    bounce["Auto-Submitted"] = "auto-replied"
    original = EmailMessage()
    original["Message-ID"], original["Subject"] = notice.message_id, notice.subject
    bounce.attach(MIMEMessage(original))

    stage.post(NORTH.address, bounce)  # type: ignore[arg-type] # same

    stage.wait_for("a word to staff", lambda: _staff_mail(stage, "came back undelivered"))
    story.is_in(State.AWAITING_RETAILER)


def test_a_forged_sender_waits_for_a_person_who_may_vouch(stage: Stage):
    job = Job(
        id="forged",
        name="Forged",
        retailer="east",
        marketplace="marketforged",
        kind=Kind.SYNC,
        platform="simulated",
    )
    stage.platform.add_job(job, broken=True)
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = JSON_ALERTS, BOX, "Job failed"
    mail["Message-ID"] = "<forged@alerts.mailflow.test>"
    mail.set_content(as_json(job, "401: the access token has expired"))
    stage.post(EAST.address, mail)  # logged in as somebody else: the border says dmarc=fail
    doubt = "nobody vouches"
    item = stage.wait_for(
        "the shelf",
        lambda: next((r for r in rows(stage, "shelf") if doubt in r["because"]), None),
    )
    assert not [t for t in stage.tickets() if t.job.id == "forged"]

    told = mailflow(stage, "unshelve", str(item["id"]), "--vouch", "Sam")

    assert "1 failure(s) read by json" in told
    stage.wait_for("the stop", lambda: [a for a in stage.platform.acts() if a.job == "forged"])
    mailflow(stage, "unshelve", str(item["id"]), status=1)


def test_the_commands_show_what_is_there(stage: Stage):
    story = failing(stage, "shown", SOUTH)
    ticket = story.is_in(State.AWAITING_RETAILER)
    story.is_told(Purpose.FIRST_NOTICE)

    (row,) = [row for row in rows(stage, "tickets") if row["job"] == "shown"]
    assert (row["id"], row["state"], row["retailer"]) == (ticket.id, "awaiting_retailer", "south")
    (shown,) = rows(stage, "show", ticket.id)
    assert [event for _, event, _ in shown["story"]] == ["AlertReceived", "JobPaused"]
    assert "screenshot_accepted" in shown["owed"]["confirmed"]
    assert "is fine" in mailflow(stage, "check-config")
    assert "no ticket MF-0" in _stderr(stage, "show", "MF-0")


def _stderr(stage: Stage, *words: str) -> str:
    command = [sys.executable, "-m", "mailflow", *words, "--config", str(stage.config)]
    return subprocess.run(command, capture_output=True, text=True, check=False).stderr


def test_a_closed_job_that_fails_again_opens_a_ticket_that_follows(stage: Stage):
    story = failing(stage, "again")
    notice = story.is_told(Purpose.FIRST_NOTICE)
    story.is_repaired()
    story.answers(notice, "We have renewed the access token.")
    story.is_in(State.AWAITING_EVIDENCE)
    wanted = story.staff_are_told(Purpose.EVIDENCE_WANTED)
    story.staff_write(wanted, "Here.", story.picture())
    story.is_closed()
    first = story.is_in(State.CLOSED)
    story.answers(notice, "Thanks!")
    stage.wait_for("the thanks", lambda: "a reply to the closed" in " ".join(stage.on_the_shelf()))
    assert [t.id for t in stage.tickets() if t.job.id == "again"] == [first.id]

    story.fails(JSON_ALERTS, "Job failed", as_json(story.job, "401: the token has expired"))

    def second():
        return next((t for t in stage.tickets() if t.follows == first.id), None)

    follower = stage.wait_for("another ticket", second)
    assert follower.id != first.id
