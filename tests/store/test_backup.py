"""A copy made while others write is whole, and what is put back goes on from there."""

import threading

import pytest

from mailflow.store.backup import back_up, restore
from mailflow.store.unit_of_work import SqlMemory, open_memory
from mailflow.tickets.effects import Audience, PauseJob, Purpose, SendMail, Stop
from mailflow.tickets.errors import GiveUp
from mailflow.workflow.ports import IncomingMail
from mailflow.workflow.records import NewOrder, StoredFile
from tests.builders import minute
from tests.store.courses import closed, open_one


@pytest.fixture
def elsewhere(request, database_url, tmp_path):
    """Give the address of a second, empty database of the same kind."""
    if database_url.startswith("sqlite"):
        return f"sqlite:///{tmp_path}/restored.db"
    return request.getfixturevalue("postgres_server").new_database()


def an_order(key, effect):
    return NewOrder(key=key, ticket="", effect=effect, lane=key, priority=1, due=minute(0))


def fill(memory):
    closed(memory)
    with memory.write() as uow:
        mail = IncomingMail(
            folder="INBOX", uidvalidity=1, uid=1, raw=b"raw\x00", received_at=minute(0)
        )
        kept = uow.mails.keep(mail, "<1@t.test>")
        file = StoredFile(sha256="a" * 64, content_type="image/png", filename="p", content=b"\x89P")
        uow.files.keep(file, mail_id=kept.id, tickets=["T-1"])
        reminder = SendMail(purpose=Purpose.REMINDER, audience=Audience.RETAILER)
        uow.orders.place(an_order("mail", reminder))
        uow.orders.place(an_order("stop", PauseJob(stop=Stop.DISABLE_FEED)))


def test_everything_comes_back_and_the_record_is_whole(memory, database_url, elsewhere, tmp_path):
    fill(memory)
    head = memory.head()
    assert back_up(database_url, tmp_path / "copy") > 0
    assert (tmp_path / "copy").stat().st_mode & 0o077 == 0, "nobody else reads the mails"
    assert restore(elsewhere, tmp_path / "copy", minute(9)) == []
    again = SqlMemory(elsewhere)
    with again.read() as uow:
        ticket = uow.tickets.get("T-1")
        assert ticket
        assert ticket.closure
        assert ticket.closure.path == "confirmed"
        assert uow.mails.get(1).raw == b"raw\x00"
        assert uow.files.get("a" * 64).content == b"\x89P"
    assert again.head() == head
    again.close()


def test_a_mail_that_waited_is_asked_about_and_a_stop_is_simply_done(
    memory, database_url, elsewhere, tmp_path
):
    fill(memory)
    back_up(database_url, tmp_path / "copy")
    restore(elsewhere, tmp_path / "copy", minute(9))
    again = SqlMemory(elsewhere)
    with again.read() as uow:
        (item,) = uow.shelf.items()
        states = {order["key"]: order["state"] for order in uow.orders.waiting()}
    again.close()
    assert "may have been sent since" in item.because
    assert states == {"mail": "parked", "stop": "ready"}


def test_a_copy_made_while_others_write_is_whole(memory, database_url, elsewhere, tmp_path):
    stop = threading.Event()
    opened: list[int] = []

    def write() -> None:
        while not stop.is_set():
            number = len(opened)
            open_one(memory, f"T-{number}", f"feed-{number}")
            opened.append(number)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        while len(opened) < 20:
            stop.wait(0.05)
        before = len(opened)
        back_up(database_url, tmp_path / "copy")
    finally:
        stop.set()
        writer.join(60)
    assert restore(elsewhere, tmp_path / "copy", minute(9)) == []
    again = SqlMemory(elsewhere)
    with again.read() as uow:
        assert before <= len(uow.tickets.listed(limit=10_000)) <= len(opened)
    again.close()


def test_nothing_is_overwritten(memory, database_url, tmp_path):
    target = tmp_path / "copy"
    target.write_text("precious")
    with pytest.raises(GiveUp, match="exists"):
        back_up(database_url, target)
    assert target.read_text() == "precious"
    back_up(database_url, tmp_path / "other")
    with pytest.raises(GiveUp, match=r"exists|not empty"):
        restore(database_url, tmp_path / "other", minute(1))


def test_what_is_no_backup_is_refused_and_leaves_nothing(elsewhere, tmp_path):
    false = tmp_path / "false"
    false.write_bytes(b"PGDMP or SQLite, but not really" * 100)
    with pytest.raises(GiveUp):
        restore(elsewhere, false, minute(1))
    again = open_memory(elsewhere)  # as if nothing had been tried
    with again.read() as uow:
        assert uow.tickets.listed() == []
    again.close()
