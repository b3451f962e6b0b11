"""What `mailflow show` says of a ticket beside its state."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

import mailflow.cli  # noqa: F401 - the commands put themselves into the app
from mailflow.cli.app import app
from mailflow.store.unit_of_work import SqlMemory, open_memory
from mailflow.tickets import events as e
from mailflow.workflow.ports import IncomingMail
from mailflow.workflow.records import Contact, PassedOn, Retailer
from tests.builders import RETAILER, STAFF, minute
from tests.cli.test_keeping import CONFIG
from tests.store.courses import closed, open_one, tell

ROBIN = Contact(address=RETAILER, name="Robin", language="en")
ACME = Retailer(id="acme", name="Acme", language="en", zone="UTC", contacts=(ROBIN,))


@pytest.fixture
def memory(tmp_path: Path) -> SqlMemory:
    return open_memory(f"sqlite:///{tmp_path}/m.db")


def shown(tmp_path: Path, memory: SqlMemory, *more: str) -> str:
    memory.close()
    config = tmp_path / "m.toml"
    config.write_text(CONFIG.format(folder=tmp_path, name="m"))
    done = CliRunner().invoke(app, ["show", "T-1", *more, "--config", str(config)])
    assert done.exit_code == 0
    return done.stdout


def test_a_note_on_a_closed_ticket_is_printed(tmp_path: Path, memory: SqlMemory):
    tell(memory, closed(memory), e.StaffNoted(at=minute(20), by=STAFF, text="they called"))

    told = shown(tmp_path, memory)

    assert f"the ticket is closed; noted by {STAFF}: they called" in told


def test_a_note_on_an_open_ticket_is_printed_once(tmp_path: Path, memory: SqlMemory):
    tell(memory, open_one(memory), e.StaffNoted(at=minute(2), by=STAFF, text="they called"))

    assert shown(tmp_path, memory).count("they called") == 1


def test_a_mail_that_came_back_to_a_closed_ticket_is_printed(tmp_path: Path, memory: SqlMemory):
    returned = e.MailReturned(at=minute(20), message="9", because="our mail came back")
    tell(memory, closed(memory), returned)

    assert "noted: our mail came back" in shown(tmp_path, memory)


def test_a_contact_who_cannot_be_reached_is_named(tmp_path: Path, memory: SqlMemory):
    open_one(memory)
    with memory.write() as uow:
        uow.directory.replace([ACME])
        uow.directory.mark_unreachable(RETAILER, at=minute(5), because="a mail server gave it up")

    assert f"not written to: {RETAILER} since 2026-03-02T08:05:00: a mail" in shown(
        tmp_path, memory
    )


def test_what_a_mail_passed_on_stands_beside_who_did(tmp_path: Path, memory: SqlMemory):
    open_one(memory)
    incoming = IncomingMail(folder="I", uidvalidity=1, uid=1, raw=b"x", received_at=minute(0))
    passed_on = PassedOn(
        forwarder=RETAILER,
        sender="dev@agency.test",
        date=minute(3),
        subject="feed",
        files=("a.png",),
    )
    with memory.write() as uow:
        kept = uow.mails.keep(incoming, "<1@t.test>")
        uow.mails.mark_handled(kept.id, kind="reply", because="", tickets=["T-1"])
        uow.mails.note_passed_on(kept.id, passed_on)

    (line,) = json.loads(shown(tmp_path, memory, "--json"))["passed_on"]

    assert line == (
        f"mail 1: {RETAILER} passes on a mail of dev@agency.test, "
        '2026-03-02T08:03:00+00:00, "feed", with a.png'
    )
