"""What a person wrote can be taken away; what happened stays, and stays verifiable."""

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from mailflow.store.engine import migration_engine
from mailflow.tickets.ticket import ProofKind
from mailflow.wiring.operating import retention
from mailflow.workflow.ports import IncomingMail
from mailflow.workflow.records import Contact, PassedOn, Retailer, ShelfKind, StoredFile
from tests.builders import RETAILER, STAFF, minute, proven
from tests.store.courses import closed, nearly_closed, open_one, tell
from tests.workflow.office import HandClock, desk_over

RAW = b"From: Robin <%s>\r\nMessage-ID: <1@example.com>\r\n\r\nIt is done, says Robin.\r\n"


def a_mail(uid=1, sender=RETAILER):
    raw = RAW % sender.upper().encode()
    return IncomingMail(
        folder="INBOX", uidvalidity=1, uid=uid, raw=raw + b"%d" % uid, received_at=minute(uid)
    )


def everything(url):
    """Give all text that the database holds."""
    engine = migration_engine(url)
    found = []
    with engine.connect() as connection:
        for name in sa.inspect(engine).get_table_names():
            for row in connection.execute(sa.text(f'SELECT * FROM "{name}"')):
                found += [
                    bytes(v).decode("latin-1") if isinstance(v, (bytes, memoryview)) else str(v)
                    for v in row
                ]
    engine.dispose()
    return "\n".join(found).lower()


def erase(memory):
    return memory.erase(RETAILER, by="Kim", because="request of 2 March", at=minute(100))


@pytest.fixture
def told(memory):
    """Give a memory in which a retailer's contact has left traces everywhere."""
    cited = proven(ProofKind.WRITTEN_CONFIRMATION, 10.5, id="second", detail="It is done")
    ticket = tell(memory, nearly_closed(memory), cited)
    tell(memory, ticket, proven(ProofKind.SCREENSHOT_ACCEPTED, 13))
    contact = Contact(address=RETAILER, name="Robin", language="en")
    with memory.write() as uow:
        kept = uow.mails.keep(a_mail(), "<1@example.com>")
        why = f"a reply by {RETAILER}"
        uow.mails.mark_handled(kept.id, kind="reply", because=why, tickets=["T-1"])
        noted = PassedOn(
            forwarder=STAFF, sender=RETAILER, date=None, subject="robin wrote", files=()
        )
        uow.mails.note_passed_on(kept.id, noted)
        file = StoredFile(
            sha256="a" * 64, content_type="image/png", filename="robin.png", content=b"p"
        )
        uow.files.keep(file, mail_id=kept.id, tickets=["T-1"])
        uow.shelf.put(ShelfKind.NO_TICKET, f"from {RETAILER}", at=minute(1), mail=kept.id)
        uow.directory.replace(
            [Retailer(id="acme", name="Acme", language="en", zone="UTC", contacts=(contact,))]
        )
    return memory


def test_nothing_of_the_person_is_left_and_the_record_is_whole(told, database_url):
    assert RETAILER in everything(database_url)
    gone = erase(told)
    left = everything(database_url)
    assert RETAILER not in left
    assert "it is done" not in left
    assert "robin" not in left
    assert told.faults() == []
    assert told.erased_lines() == gone.lines > 0
    assert (gone.mails, gone.files, gone.contacts) == (1, 1, 1)


def test_what_happened_and_the_proofs_stay(told):
    with told.read() as uow:
        before = [(e.event, e.state_after, e.at) for e in uow.tickets.story("T-1")]
        kinds = {proof.kind for proof in uow.tickets.get("T-1").proofs}
    erase(told)
    with told.read() as uow:
        assert [(e.event, e.state_after, e.at) for e in uow.tickets.story("T-1")] == before
        ticket = uow.tickets.get("T-1")
    assert {proof.kind for proof in ticket.proofs} == kinds
    assert ticket.closure.path == "confirmed"


def test_others_are_left_alone(told, database_url):
    erase(told)
    assert STAFF in everything(database_url)


def test_a_line_that_nobody_noted_as_erased_cannot_lose_its_words(memory, database_url):
    closed(memory)
    engine = migration_engine(database_url)
    with pytest.raises(sa.exc.DBAPIError, match="only added to"), engine.begin() as connection:
        connection.execute(sa.text("UPDATE events SET data = '{}', salt = ''"))
    engine.dispose()


def test_even_an_erased_line_keeps_when_and_what(told, database_url):
    erase(told)
    engine = migration_engine(database_url)
    for column in ("event", "state_after", "hash", "sealed", "cause"):
        change = sa.text(f"UPDATE events SET {column} = 'x'")
        with pytest.raises(sa.exc.DBAPIError, match="only added to"), engine.begin() as connection:
            connection.execute(change)
    engine.dispose()


@pytest.mark.parametrize("what", ["words", "missing", "inserted", "state"])
def test_whoever_goes_round_the_triggers_is_found(told, database_url, what):
    erase(told)
    engine = migration_engine(database_url)
    with engine.begin() as connection:
        lift_the_law(connection)
        if what == "words":
            connection.execute(sa.text("UPDATE events SET because = 'no' WHERE salt <> ''"))
        elif what == "missing":
            connection.execute(sa.text("DELETE FROM events WHERE seq = 3"))
        elif what == "state":
            connection.execute(sa.text("UPDATE events SET state_after = 'closed' WHERE seq = 2"))
        else:
            copy = sa.text(
                "INSERT INTO events (seq, ticket, at, event, data, state_before, state_after,"
                " because, cause, hash, salt, sealed) SELECT 99, ticket, at, event, data,"
                " state_before, state_after, because, 'x', 'x', salt, sealed FROM events"
                " WHERE seq = 2"
            )
            connection.execute(copy)
    engine.dispose()
    assert told.faults() != []


def lift_the_law(connection):
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text("SET session_replication_role = replica"))
        return
    names = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    for (name,) in connection.execute(sa.text(names)).all():
        connection.execute(sa.text(f"DROP TRIGGER {name}"))


def test_old_mails_are_emptied_but_not_those_of_open_tickets_or_on_the_shelf(memory):
    open_one(memory, "T-2", "feed-8")
    tell(memory, nearly_closed(memory), proven(ProofKind.SCREENSHOT_ACCEPTED, 13))
    with memory.write() as uow:
        for uid, tickets in enumerate((["T-1"], ["T-2"], [], []), start=1):
            kept = uow.mails.keep(a_mail(uid), f"<{uid}@example.com>")
            uow.mails.mark_handled(kept.id, kind="reply", because="", tickets=tickets)
        uow.shelf.put(ShelfKind.TRIAGE, "no rule", at=minute(1), mail=3)
        uow.mails.keep(a_mail(5), "<5@example.com>")
    assert memory.forget(minute(60)).mails == 2
    with memory.read() as uow:
        assert [bool(uow.mails.get(number).raw) for number in range(1, 6)] == [
            False,
            True,
            True,
            False,
            True,
        ]
    assert memory.forget(minute(60)).mails == 0
    assert memory.faults() == []


def test_the_daemon_forgets_once_a_day_where_it_is_told_to(memory):
    clock = HandClock(minute(0))
    asked: list[datetime] = []
    for days in (0, 30):
        look = retention(days, asked.append)
        for minutes in (0, 60, 24 * 60):
            clock.now_is(minute(minutes))
            assert not look(desk_over(memory, clock))
    assert asked == [minute(0) - timedelta(days=30), minute(24 * 60) - timedelta(days=30)]
