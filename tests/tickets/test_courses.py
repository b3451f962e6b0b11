"""The courses a ticket can take, one claim each."""

from dataclasses import replace
from typing import Any

import pytest

from mailflow.tickets import events as e
from mailflow.tickets.decide import decide
from mailflow.tickets.effects import (
    STOP_BY_KIND,
    Audience,
    CaptureScreenshot,
    PauseJob,
    ProbeRuns,
    Purpose,
    ReactivateJob,
    ReadScreenshot,
    RemoveJob,
    RunJob,
    SendMail,
)
from mailflow.tickets.policy import Policy
from mailflow.tickets.ticket import (
    Cause,
    Kind,
    Outcome,
    Path,
    ProofKind,
    Standing,
    State,
    Subject,
    Witness,
)
from mailflow.tickets.wanted import unwanted_because
from tests.builders import (
    POLICY,
    RETAILER,
    Course,
    a_proof,
    an_alert,
    minute,
    on_trial,
    opened,
    paused,
    proven,
    reactivated,
)

K = ProofKind
REMOVAL = Subject.REMOVAL


def failed_trial(at, trial=1, finished=None):
    finished_at = minute(at if finished is None else finished)
    return e.TrialRunFailed(
        at=minute(at), trial=trial, finished_at=finished_at, run="r1", because="still broken"
    )


def unclear(at):
    return e.ReplyUnclear(at=minute(at), message="m", gist="hm", reasons=("no clear word",))


def leaving():
    """Give a ticket whose retailer has left and said so at minute 10."""
    course = Course(opened(cause=Cause.OFFBOARDED)).tell(paused(1))
    return course.tell(proven(K.WRITTEN_CONFIRMATION, 10, subject=REMOVAL))


@pytest.mark.parametrize("kind", list(Kind))
def test_opening_orders_the_stop_and_nothing_else(kind):
    assert opened(kind=kind).effects == (PauseJob(stop=STOP_BY_KIND[kind]),)


def test_the_retailer_is_told_only_after_the_stop():
    course = Course()
    assert course.ticket.containment is None
    assert course.tell(paused()).mails == ["first_notice"]
    assert course.state is State.AWAITING_RETAILER


def test_a_stop_that_fails_goes_to_staff_and_is_told_as_it_is():
    course = Course().tell(e.PauseFailed(at=minute(1), because="no answer"))
    assert course.state is State.WITH_STAFF
    assert course.mails == ["first_notice", "hand_over"]
    assert course.ticket.status.standing is Standing.NOT_STOPPED


def test_a_stop_that_is_never_confirmed_goes_to_staff():
    course = Course().let_time_pass()
    assert course.state is State.WITH_STAFF
    assert course.ticket.containment is not None
    assert course.ticket.containment.outcome is Outcome.FAILED


def test_a_confirmation_begins_a_trial_and_closes_nothing():
    course = Course().tell(paused(), proven(K.WRITTEN_CONFIRMATION, 10))
    assert course.state is State.ON_TRIAL
    assert course.last.effects == (ReactivateJob(trial=1),)


def test_a_confirmed_repair_closes_on_run_and_picture():
    course = on_trial()
    assert course.tell(proven(K.RUN_CONFIRMED, 20)).state is State.AWAITING_EVIDENCE
    course.tell(proven(K.SCREENSHOT_ACCEPTED, 21))
    assert course.state is State.CLOSED
    assert course.ticket.closure is not None
    assert course.ticket.closure.path is Path.CONFIRMED
    assert course.mails == ["closed"]


def test_a_verified_repair_closes_without_any_word_of_the_retailer():
    course = Course().tell(paused(), proven(K.TECHNICALLY_VERIFIED, 10), reactivated(11))
    course.tell(proven(K.SCREENSHOT_ACCEPTED, 20), proven(K.RUN_CONFIRMED, 21))
    assert course.state is State.CLOSED
    assert course.ticket.closure is not None
    assert course.ticket.closure.path is Path.VERIFIED


@pytest.mark.parametrize("left_out", [K.SCREENSHOT_ACCEPTED, K.RUN_CONFIRMED])
def test_a_path_with_one_proof_missing_stays_open(left_out):
    course = on_trial()
    for kind in {K.CHANGE_VALIDATED, K.SCREENSHOT_ACCEPTED, K.RUN_CONFIRMED} - {left_out}:
        course.tell(proven(kind, 20))
    assert course.ticket.is_open


def test_a_picture_of_a_run_before_the_reactivation_does_not_count():
    course = on_trial().tell(proven(K.RUN_CONFIRMED, 20), proven(K.SCREENSHOT_ACCEPTED, 10.5))
    assert course.ticket.is_open


def test_a_proof_for_a_time_that_has_not_come_does_not_count():
    course = on_trial().tell(proven(K.RUN_CONFIRMED, 20))
    from_the_future = a_proof(K.SCREENSHOT_ACCEPTED, 600)
    course.tell(e.ProofAccepted(at=minute(21), proof=from_the_future))
    assert course.ticket.is_open


def test_a_proof_by_the_wrong_witness_does_not_count():
    course = on_trial().tell(proven(K.RUN_CONFIRMED, 20))
    course.tell(proven(K.SCREENSHOT_ACCEPTED, 21, witness=Witness.RETAILER))
    assert course.ticket.is_open


def test_a_failed_trial_stops_the_job_at_once_and_voids_every_proof():
    course = on_trial().tell(proven(K.SCREENSHOT_ACCEPTED, 15), failed_trial(20))
    assert course.state is State.CONTAINING
    assert [type(effect) for effect in course.last.effects] == [PauseJob]
    assert course.ticket.containment is None
    course.tell(paused(21), proven(K.RUN_CONFIRMED, 20.5))
    assert course.ticket.is_open
    assert course.ticket.reactivated_at is None


def test_a_flapping_job_owes_more_clean_runs():
    course = on_trial().tell(failed_trial(20), paused(21))
    course.tell(proven(K.WRITTEN_CONFIRMATION, 30))
    course.tell(reactivated(31, trial=course.ticket.trial))
    course.tell(failed_trial(40, trial=course.ticket.trial), paused(41))
    course.tell(proven(K.WRITTEN_CONFIRMATION, 50))
    course.tell(reactivated(51, trial=course.ticket.trial), proven(K.SCREENSHOT_ACCEPTED, 55))
    course.tell(proven(K.RUN_CONFIRMED, 60), proven(K.RUN_CONFIRMED, 61))
    assert course.state is State.ON_TRIAL
    assert RunJob(trial=course.ticket.trial) in course.last.effects
    assert course.tell(proven(K.RUN_CONFIRMED, 62)).state is State.CLOSED


def test_the_same_run_told_twice_is_one_run():
    course = on_trial().tell(proven(K.RUN_CONFIRMED, 20), proven(K.RUN_CONFIRMED, 20))
    assert course.ticket.clean_runs == 1


def test_a_reactivation_told_twice_mails_once():
    course = on_trial().tell(reactivated(12))
    assert course.last.effects == ()
    assert course.ticket.reactivated_at == minute(11)


def test_an_answer_to_an_earlier_trial_changes_nothing():
    course = on_trial().tell(failed_trial(20), e.PauseFailed(at=minute(21), because="down"))
    before = course.ticket
    assert course.tell(reactivated(22, trial=1)).ticket == before


def test_a_trial_that_fails_while_with_staff_voids_what_was_proven_before():
    course = Course().tell(e.CannotBeStopped(at=minute(1), because="no such switch"))
    course.tell(proven(K.WRITTEN_CONFIRMATION, 10)).let_time_pass()
    assert course.state is State.WITH_STAFF
    course.tell(proven(K.SCREENSHOT_ACCEPTED, 20), failed_trial(4000))
    assert course.ticket.last_failure_at == minute(4000)


def test_where_runs_cannot_be_known_the_picture_is_the_witness_of_the_run():
    course = on_trial()
    unknowable = e.RunsUnknowable(at=minute(12), trial=1, because="no run list")
    assert course.tell(unknowable).state is State.AWAITING_EVIDENCE
    course.tell(proven(K.SCREENSHOT_ACCEPTED, 20), proven(K.CHANGE_VALIDATED, 21))
    assert course.state is State.CLOSED


def test_a_deadline_that_was_moved_changes_nothing():
    for course in (Course(), on_trial(), leaving(), Course().let_time_pass()):
        stale = e.DeadlinePassed(at=minute(5), due=minute(4))
        assert course.tell(stale).last.effects == ()


def test_silence_is_reminded_twice_and_then_handed_over():
    course = Course().tell(paused())
    assert course.let_time_pass().mails == ["reminder"]
    assert course.let_time_pass().mails == ["reminder"]
    assert course.let_time_pass().mails == ["escalation"]
    assert course.state is State.WITH_STAFF


def test_an_unclear_reply_is_asked_about_once():
    course = Course().tell(paused(), unclear(5))
    assert course.mails == ["clarification"]
    assert course.tell(unclear(6)).state is State.WITH_STAFF


def test_a_promise_moves_the_reminder_and_nothing_else():
    course = Course().tell(paused())
    before = course.ticket
    course.tell(e.ReplyPromised(at=minute(9), message="m", gist="soon", until=minute(9000)))
    assert replace(course.ticket, deadline=before.deadline) == before
    assert course.ticket.deadline is not None
    assert course.ticket.deadline > minute(9000)


def test_a_confirmed_removal_waits_before_anything_is_removed():
    course = leaving()
    assert course.state is State.REMOVAL_SCHEDULED
    assert course.mails == ["removal_scheduled"]
    assert RemoveJob() in course.let_time_pass().last.effects


def test_a_word_of_the_retailer_stops_the_removal():
    assert leaving().tell(unclear(20)).state is State.WITH_STAFF


def test_nothing_is_removed_on_a_confirmation_older_than_the_newest_failure():
    course = leaving().tell(an_alert(20)).let_time_pass()
    assert course.state is State.WITH_STAFF
    assert RemoveJob() not in course.effects


def test_a_removal_that_was_not_in_question_goes_to_a_person():
    course = Course().tell(paused(), proven(K.WRITTEN_CONFIRMATION, 10, subject=REMOVAL))
    assert course.state is State.WITH_STAFF


def test_a_removal_asked_for_before_the_stop_is_settled_goes_to_a_person_then():
    course = Course().tell(proven(K.WRITTEN_CONFIRMATION, 0.5, subject=REMOVAL), paused(1))
    assert course.state is State.WITH_STAFF
    assert course.mails == ["first_notice", "hand_over"]


def test_a_removal_closes_on_its_own_three_proofs():
    course = leaving().let_time_pass()
    course.tell(e.JobRemoved(at=minute(3000), because="it is gone"))
    course.tell(proven(K.CHANGE_VALIDATED, 3001, subject=REMOVAL))
    assert course.ticket.is_open
    course.tell(proven(K.SCREENSHOT_ACCEPTED, 3002, subject=REMOVAL))
    assert course.ticket.closure is not None
    assert course.ticket.closure.path is Path.REMOVED


def test_what_staff_keep_paused_stays_so_until_a_date():
    kept = e.StaffKeptPaused(at=minute(5), by="staff@example.com", because="season")
    course = Course().tell(paused(), kept)
    assert course.state is State.STAYING_PAUSED
    assert course.let_time_pass().state is State.WITH_STAFF


def test_a_wish_to_keep_it_paused_is_not_lost_when_it_cannot_be_stopped():
    kept = e.StaffKeptPaused(at=minute(0.5), by="staff@example.com", because="season")
    course = Course().tell(kept, e.CannotBeStopped(at=minute(1), because="no such switch"))
    assert course.state is State.WITH_STAFF
    mail = course.last.effects[-1]
    assert isinstance(mail, SendMail)
    assert "season" in mail.reason


def test_pictures_are_read_once_each():
    received = e.EvidenceReceived(
        at=minute(5), message="m", sender="s@example.com", from_staff=True, attachments=("a", "a")
    )
    course = Course().tell(received)
    assert [type(effect) for effect in course.last.effects] == [ReadScreenshot]


def test_a_closed_ticket_hears_nothing():
    course = on_trial().tell(proven(K.RUN_CONFIRMED, 20), proven(K.SCREENSHOT_ACCEPTED, 21))
    closed = course.ticket
    for event in (an_alert(30), paused(31), unclear(32), failed_trial(33)):
        assert decide(closed, event, POLICY).ticket is closed


def test_orders_of_an_earlier_trial_are_not_wanted():
    course = on_trial().tell(failed_trial(20))
    for order in (ReactivateJob(trial=1), RunJob(trial=1), ProbeRuns(trial=1)):
        assert unwanted_because(course.ticket, order)


def looked_at(kind: type[e.ScreenshotRefused | e.ScreenshotUnsure], **more: Any) -> Any:
    usual = {"attachment": "a", "sender": RETAILER, "reasons": ("why",), "failed": ("status",)}
    return kind(at=minute(22), **(usual | {"drawn": "d", "message": "7"} | more))


def mails_of(course: Course) -> list[SendMail]:
    return [effect for effect in course.last.effects if isinstance(effect, SendMail)]


def awaiting_the_picture(policy: Policy = POLICY) -> Course:
    course = on_trial()
    course.policy = policy
    course.tell(proven(K.RUN_CONFIRMED, 20))
    assert course.state is State.AWAITING_EVIDENCE
    return course


def test_who_sent_a_doubtful_picture_hears_of_it_and_staff_see_it_drawn():
    course = awaiting_the_picture().tell(looked_at(e.ScreenshotUnsure))

    staff, sender = mails_of(course)
    assert (staff.audience, staff.attachment) == (Audience.STAFF, "d")
    assert (sender.to, sender.failed, sender.undecided) == (RETAILER, ("status",), True)


def test_staff_are_told_once_of_their_own_doubtful_picture():
    course = awaiting_the_picture().tell(looked_at(e.ScreenshotUnsure, from_staff=True))

    assert [mail.audience for mail in mails_of(course)] == [Audience.STAFF]


def test_nobody_is_told_of_a_poor_picture_once_another_one_proves_it():
    refused = looked_at(e.ScreenshotRefused)
    flapping = on_trial().tell(refused)
    (mail,) = mails_of(flapping)
    assert unwanted_because(flapping.ticket, mail) == ""

    proven_meanwhile = flapping.tell(proven(K.SCREENSHOT_ACCEPTED, 23))

    assert "another picture" in unwanted_because(proven_meanwhile.ticket, mail)


def test_mailflow_looks_itself_before_it_asks_a_person_for_the_picture():
    policy = replace(POLICY, captures=frozenset({"simulated"}))

    course = awaiting_the_picture(policy)

    assert course.last.effects == (CaptureScreenshot(trial=1),)
    assert unwanted_because(course.ticket, CaptureScreenshot(trial=1)) == ""
    assert unwanted_because(course.ticket, CaptureScreenshot(trial=2))


def test_a_person_is_asked_when_mailflow_cannot_look_or_sees_no_proof():
    policy = replace(POLICY, captures=frozenset({"simulated"}))
    failed = e.CaptureFailed(at=minute(21), trial=1, because="no browser")

    course = awaiting_the_picture(policy).tell(failed)
    assert course.mails == [Purpose.EVIDENCE_WANTED]
    course.tell(looked_at(e.ScreenshotRefused, sender=""))
    assert course.mails == [Purpose.EVIDENCE_WANTED]
    (mail,) = mails_of(course)
    assert (mail.audience, mail.attachment) == (Audience.STAFF, "d")


def test_a_picture_that_mailflow_took_closes_like_any_other():
    course = awaiting_the_picture().tell(proven(K.SCREENSHOT_ACCEPTED, 23, by="mailflow"))

    assert course.state is State.CLOSED


def test_a_job_on_a_platform_without_a_camera_is_asked_for_at_once():
    policy = replace(POLICY, captures=frozenset({"another"}))

    assert awaiting_the_picture(policy).mails == [Purpose.EVIDENCE_WANTED]
