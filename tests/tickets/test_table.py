"""What the table itself promises."""

from typing import get_args

from mailflow.tickets import events as e
from mailflow.tickets.events import Event
from mailflow.tickets.policy import Policy
from mailflow.tickets.ticket import State
from mailflow.tickets.transitions import TRANSITIONS

OPEN = set(State) - {State.CLOSED}


def test_every_state_has_a_row():
    assert set(TRANSITIONS) == set(State)


def test_an_accepted_proof_is_the_only_way_into_closed():
    ways = {
        kind for row in TRANSITIONS.values() for kind, next_ in row.items() if State.CLOSED in next_
    }
    assert ways == {e.ProofAccepted}


def test_a_closed_ticket_hears_nothing():
    assert TRANSITIONS[State.CLOSED] == {}


def test_every_open_state_hears_that_its_deadline_passed():
    assert all(e.DeadlinePassed in TRANSITIONS[state] for state in OPEN)


def test_every_open_state_has_a_wait_and_closed_has_none():
    assert set(Policy().waits) == OPEN


def test_every_state_can_be_reached():
    reached, border = {State.CONTAINING}, [State.CONTAINING]
    while border:
        for targets in TRANSITIONS[border.pop()].values():
            border += targets - reached
            reached |= targets
    assert reached == set(State)


def test_from_every_open_state_silence_alone_leads_to_staff():
    for state in OPEN:
        seen, border = {state}, [state]
        while border:
            targets = TRANSITIONS[border.pop()][e.DeadlinePassed]
            border += targets - seen
            seen |= targets
        assert State.WITH_STAFF in seen


def test_every_event_is_heard_somewhere():
    heard = {kind for row in TRANSITIONS.values() for kind in row}
    assert heard == set(get_args(Event))


def test_alerts_and_proofs_are_heard_in_every_open_state():
    for state in OPEN:
        assert {e.AlertReceived, e.ProofAccepted, e.EvidenceReceived} <= set(TRANSITIONS[state])
