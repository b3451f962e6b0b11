from dataclasses import replace

import pytest
import sqlalchemy as sa

from mailflow.store import tables
from mailflow.store.engine import write_engine
from mailflow.tickets import events as e
from mailflow.tickets.decide import decide
from mailflow.tickets.errors import BrokenRule
from mailflow.tickets.ticket import ProofKind, State
from mailflow.workflow.memory import StaleTicket
from tests.builders import POLICY, an_alert, minute, opened, paused, proven
from tests.store.courses import closed, nearly_closed, open_one, tell


def test_a_ticket_comes_back_as_it_was_saved_at_every_step(memory):
    ticket = closed(memory)
    assert ticket.closure is not None
    with memory.read() as uow:
        assert uow.tickets.get("T-1") == ticket
        assert uow.tickets.get("T-2") is None
        assert uow.tickets.latest_of_job(ticket.job.key) == ticket
        assert uow.tickets.open_of_job(ticket.job.key) is None


def test_the_story_tells_what_happened_and_why(memory):
    ticket = nearly_closed(memory)
    with memory.read() as uow:
        story = uow.tickets.story("T-1")
    assert [line.event for line in story][:2] == ["AlertReceived", "JobPaused"]
    assert (story[0].state_before, story[0].state_after) == ("", "containing")
    assert story[1].data["because"] == "the feed is disabled"
    assert story[-1].state_after == ticket.state
    assert story[1].at == minute(1)


def test_the_same_cause_is_recorded_once(memory):
    ticket = open_one(memory)
    decision = decide(ticket, paused(), POLICY)
    with memory.write() as uow:
        assert uow.tickets.record(ticket, paused(), decision, cause="order:1") is not None
    with memory.write() as uow:
        assert uow.tickets.record(ticket, paused(), decision, cause="order:1") is None
    with memory.read() as uow:
        assert len(uow.tickets.story("T-1")) == 2


def test_a_ticket_saved_meanwhile_is_not_overwritten(memory):
    ticket = open_one(memory)
    tell(memory, ticket, paused())
    noted = e.StaffNoted(at=minute(2), by="staff@example.com", text="late")
    with pytest.raises(StaleTicket), memory.write() as uow:
        uow.tickets.record(ticket, noted, decide(ticket, noted, POLICY), cause="late")
    with memory.read() as uow:
        assert len(uow.tickets.story("T-1")) == 2


def test_a_job_has_one_open_ticket(memory):
    open_one(memory)
    again = opened()
    other = replace(again, ticket=replace(again.ticket, id="T-2"))
    with pytest.raises(StaleTicket), memory.write() as uow:
        uow.tickets.record(None, an_alert(), other, cause="mail:2")


def test_a_job_may_have_a_new_ticket_once_the_old_one_is_closed(memory):
    closed(memory)
    again = opened()
    other = replace(again, ticket=replace(again.ticket, id="T-2"))
    with memory.write() as uow:
        uow.tickets.record(None, an_alert(), other, cause="mail:2")
    with memory.read() as uow:
        assert [ticket.id for ticket in uow.tickets.listed()] == ["T-2", "T-1"]
        assert [ticket.id for ticket in uow.tickets.listed(states=[State.CLOSED])] == ["T-1"]
        assert uow.tickets.listed(retailer="nobody") == []
        assert [ticket.id for ticket in uow.tickets.open_of_retailers(["acme"])] == ["T-2"]
        assert uow.tickets.known_job_names() == ["Product feed", "feed-7"]


def test_a_ticket_closed_by_mistake_of_the_rules_is_refused(memory):
    ticket = open_one(memory)
    decision = decide(ticket, paused(), POLICY)
    mistaken = replace(decision, ticket=replace(decision.ticket, state=State.CLOSED))
    with pytest.raises(BrokenRule), memory.write() as uow:
        uow.tickets.record(ticket, paused(), mistaken, cause="order:1")
    with memory.read() as uow:
        assert uow.tickets.get("T-1") == ticket


def test_tickets_whose_deadline_has_passed_are_due(memory):
    ticket = open_one(memory)
    assert ticket.deadline is not None
    with memory.read() as uow:
        assert uow.tickets.due(minute(0), 10) == []
        assert uow.tickets.due(ticket.deadline, 10) == [ticket]


def test_ids_are_counted_and_not_given_twice(memory):
    with memory.write() as uow:
        assert [uow.tickets.next_id() for _ in range(2)] == ["MF-1001", "MF-1002"]
    with memory.write() as uow:
        assert uow.tickets.next_id() == "MF-1003"


def test_a_whole_journal_has_no_faults(memory):
    closed(memory)
    assert memory.faults() == []


def _tamper(url, memory, statement):
    """Change rows behind the law's back, as one with the file in hand could."""
    engine = write_engine(url)
    with engine.begin() as connection:
        for table, law in (("events", "changed"), ("events", "deleted"), ("tickets", "forgotten")):
            on = f" ON {table}" if connection.dialect.name == "postgresql" else ""
            connection.exec_driver_sql(f"DROP TRIGGER law_{table}_{law}{on}")
        connection.execute(statement)
    engine.dispose()


_E = tables.events
SECOND = sa.select(sa.func.min(_E.c.seq) + 1).scalar_subquery()
LAST = sa.select(sa.func.max(_E.c.seq)).scalar_subquery()


@pytest.mark.parametrize(
    "statement",
    [
        sa.update(_E).where(_E.c.seq == SECOND).values(because="nothing at all"),
        sa.update(_E).where(_E.c.seq == SECOND).values(at=minute(500)),
        sa.delete(_E).where(_E.c.seq == SECOND),
        sa.delete(_E).where(_E.c.seq == LAST),
        sa.update(tables.tickets).values(state="with_staff"),
    ],
)
def test_tampering_is_found(memory, database_url, statement):
    nearly_closed(memory)
    _tamper(database_url, memory, statement)
    assert len(memory.faults()) >= 1


def test_a_proof_put_in_by_hand_is_found(memory, database_url):
    nearly_closed(memory)
    proof = proven(ProofKind.SCREENSHOT_ACCEPTED, 20).proof
    row = {name: getattr(proof, name) for name in proof.__slots__}
    engine = write_engine(database_url)
    with engine.begin() as connection:
        connection.execute(sa.insert(tables.proofs).values(ticket="T-1", **row))
    engine.dispose()
    assert memory.faults() == ["the proofs of T-1 are not those that its body names"]
