"""Removals and absences: who may hasten, stop or delay."""

from datetime import UTC, datetime, timedelta

from mailflow.tickets import events as e
from mailflow.tickets.effects import Purpose, RemoveJob
from mailflow.tickets.ticket import Cause, ProofKind, State, Subject
from tests.builders import (
    POLICY,
    RETAILER,
    STAFF,
    Course,
    an_alert,
    minute,
    opened,
    paused,
    proven,
)


def removal(covers: float, by: str = RETAILER) -> e.ProofAccepted:
    kind = ProofKind.WRITTEN_CONFIRMATION
    return proven(kind, covers, subject=Subject.REMOVAL, by=by, id=f"removal-{covers}")


def scheduled() -> Course:
    """Give an offboarded ticket whose removal was confirmed at 10 and waits."""
    course = Course(opened(cause=Cause.OFFBOARDED)).tell(paused(1), removal(10))
    assert course.state is State.REMOVAL_SCHEDULED
    return course


def test_a_second_contact_who_confirms_the_removal_ends_its_grace():
    course = scheduled().tell(removal(20, by="other@example.com"))

    assert course.state is State.REMOVING
    assert course.last.effects == (RemoveJob(),)


def test_the_same_contact_twice_is_one_voice():
    assert scheduled().tell(removal(20)).state is State.REMOVAL_SCHEDULED


def test_a_removal_done_after_it_was_handed_back_is_heard():
    course = scheduled().let_time_pass().let_time_pass()
    assert [type(effect) for effect in course.effects].count(RemoveJob) == 1
    handed_back = course.tell(e.StaffHandedBack(at=minute(9000), by=STAFF)).state
    late = course.tell(e.JobRemoved(at=minute(9001), because="it is gone")).state

    assert (handed_back, late) == (State.REMOVAL_SCHEDULED, State.AWAITING_EVIDENCE)
    assert course.ticket.removed_at == minute(9001)


def test_a_removal_that_nobody_asks_for_any_more_is_told_to_a_person():
    course = scheduled().tell(e.StaffReactivated(at=minute(20), by=STAFF), an_alert(25))
    course.tell(paused(26), e.JobRemoved(at=minute(27), because="it is gone"))

    assert course.state is State.WITH_STAFF
    assert course.mails == [Purpose.HAND_OVER]


def test_an_absence_moves_the_reminder_but_never_nearer():
    course = Course().tell(paused(1))
    usual = course.ticket.deadline
    assert usual is not None

    course.tell(e.AbsenceNoticed(at=minute(5), message="m", until=usual - timedelta(hours=5)))
    assert course.ticket.deadline == usual
    back = usual + timedelta(days=2)
    course.tell(e.AbsenceNoticed(at=minute(6), message="m", until=back))
    assert course.ticket.deadline == back + POLICY.clock_skew
    course.tell(e.AbsenceNoticed(at=minute(7), message="m", until=back + timedelta(days=365)))
    assert course.ticket.deadline == POLICY.deadline(State.AWAITING_RETAILER, minute(7), times=4)
    assert course.state is State.AWAITING_RETAILER


def test_a_removal_announced_on_a_friday_can_be_stopped_until_tuesday():
    friday = datetime(2026, 3, 6, 15, tzinfo=UTC)
    due = POLICY.deadline(State.REMOVAL_SCHEDULED, friday)
    assert due == friday + timedelta(days=4)
