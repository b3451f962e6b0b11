"""From bytes to decisions, orders and mails: every room of the workflow on a real database."""

from dataclasses import replace

from mailflow.demo.alerts import as_json
from mailflow.demo.border import stamp
from mailflow.tickets.errors import GiveUp, TryAgainLater
from mailflow.tickets.ticket import Standing, State
from mailflow.workflow.deadlines import pass_deadlines, reconcile
from mailflow.workflow.take_in import handle
from tests.workflow.room import (
    ALERTS,
    HELPER,
    OTHER_SHOP,
    SHOP,
    STAFF,
    Absent,
    Refusing,
    Room,
)

# taking in


def test_a_mail_that_is_handed_over_twice_opens_one_ticket(either_room: Room):
    room = either_room
    job = room.job("twice")
    raw = stamp(
        f"From: {ALERTS}\r\nMessage-ID: <1@a.test>\r\n\r\n{as_json(job, 'no')}\r\n".encode(),
        login=ALERTS,
        peer="x",
    )

    first, again = room.keeps(raw, uid=7), room.keeps(raw, uid=7)
    handle(room.desk, first)

    assert first == again
    assert handle(room.desk, again) == "handled before"
    room.work_off()
    assert room.acts(job) == ["disable_feed"]
    assert room.heard(room.ticket(job)) == ["AlertReceived", "JobPaused"]


def test_understanding_an_alert_touches_nothing_but_the_memory(room: Room):
    job = room.job("calm")
    room.arrives(ALERTS, as_json(job, "no"))

    assert room.platform.acts() == ()
    with room.desk.memory.read() as uow:
        assert [order["effect"] for order in uow.orders.waiting()] == ["PauseJob"]


def test_a_mail_too_large_to_be_fetched_waits_for_a_person_and_is_not_read(room: Room):
    job = room.job("large")
    raw = f"From: {ALERTS}\r\nMessage-ID: <2@a.test>\r\n\r\n{as_json(job, 'no')}\r\n".encode()

    assert handle(room.desk, room.keeps(raw, truncated=True)) == "handled before"

    room.work_off()
    assert room.platform.acts() == ()
    assert "larger than max_bytes" in room.shelf()[0]
    assert "larger than max_bytes" in room.pile.to(STAFF)[0].text


def test_an_automatic_reply_moves_no_state(room: Room):
    job = room.job("away")
    notice = room.is_told(job)
    before = room.ticket(job)

    room.arrives(SHOP, "I am away.", answers=notice, Auto_Submitted="auto-replied")

    assert room.ticket(job).state is before.state
    assert room.ticket(job).proofs == ()


# containing first


def test_no_mail_leaves_before_the_stop_is_settled(room: Room):
    job = room.job("first")
    room.arrives(ALERTS, as_json(job, "no"))
    assert room.pile.mails == []

    room.work_off()
    room.wait(61)

    assert room.acts(job) == ["disable_feed"]
    assert len(room.pile.to(SHOP)) == 1


def test_a_stop_that_is_refused_is_told_as_such_to_retailer_and_staff(room: Room):
    job = room.job("refused")
    refusing = Refusing(clock=room.clock)
    room.desk = replace(room.desk, platforms={"simulated": refusing})

    ticket = room.fails(job)
    room.wait(61)

    assert ticket.state is State.WITH_STAFF
    assert "Nothing is switched off" in " ".join(room.pile.to(SHOP)[0].text.split())
    assert "no right to stop refused" in room.pile.to(STAFF)[0].text
    assert "no right" not in room.pile.to(SHOP)[0].text  # our own matter


# answering


def test_an_answer_about_one_job_of_a_shared_mail_confirms_that_one_only(room: Room):
    one, two = room.job("one"), room.job("two")
    notice = room.is_told(one, two)
    assert len(room.pile.to(SHOP)) == 1
    named = room.ticket(two).id

    room.arrives(SHOP, f"We have corrected the feed of {named}.", answers=notice)
    room.work_off()

    assert "ProofAccepted" not in room.heard(room.ticket(one))
    assert "ProofAccepted" in room.heard(room.ticket(two))


def test_an_answer_in_the_thread_of_another_ticket_is_read_by_a_person(room: Room):
    one, two = room.job("one"), room.job("two", market="heron")
    notice = room.is_told(one)
    room.fails(two)
    named = room.ticket(two).id

    room.arrives(SHOP, f"We have corrected the feed of {named}.", answers=notice)

    assert room.ticket(one).state is State.WITH_STAFF
    assert room.ticket(one).proofs == room.ticket(two).proofs == ()


def test_an_answer_to_a_shared_mail_counts_for_each_of_its_jobs(either_room: Room):
    room = either_room
    one, two = room.job("one"), room.job("two")
    notice = room.is_told(one, two)

    room.arrives(SHOP, "We have corrected the feed.", answers=notice)

    assert "ProofAccepted" in room.heard(room.ticket(one))
    assert "ProofAccepted" in room.heard(room.ticket(two))


def test_who_may_not_confirm_is_read_by_a_person(room: Room):
    job = room.job("rights")
    notice = room.is_told(job)

    room.arrives(HELPER, "We have corrected the feed.", answers=notice)

    assert room.ticket(job).state is State.WITH_STAFF
    assert room.ticket(job).proofs == ()


def test_nobody_speaks_for_the_account_of_another(room: Room):
    job = room.job("foreign")
    notice = room.is_told(job)
    ticket = room.ticket(job)

    room.arrives(
        OTHER_SHOP, "We have corrected the feed.", answers=notice, subject=f"Re: [{ticket.id}]"
    )

    assert room.heard(room.ticket(job)) == ["AlertReceived", "JobPaused"]
    assert len(room.shelf()) == 1


def test_staff_read_the_words_of_the_retailer_in_their_mail(room: Room):
    job = room.job("angry")
    notice = room.is_told(job)
    words = "Why do you write to us? What is this about?\n\nCall me, please."

    room.arrives(SHOP, words, answers=notice)
    room.work_off()

    text = room.pile.to(STAFF)[-1].text
    assert "  | Why do you write to us? What is this about?" in text
    assert "  | Call me, please." in text
    assert "a reply for a person to read" in text


def test_orders_that_contradict_each_other_are_not_carried_out(room: Room):
    job = room.job("torn")
    room.is_told(job)
    ticket = room.ticket(job)

    room.arrives(STAFF, "REACTIVATE\nKEEP PAUSED: no", subject=f"[{ticket.id}]")
    room.work_off()

    assert room.acts(job) == ["disable_feed"]
    assert room.ticket(job).state is State.AWAITING_RETAILER
    assert len(room.pile.to(STAFF)) == 1  # the answer


def test_a_picture_that_is_not_there_cannot_be_vouched_for(room: Room):
    job = room.job("blind")
    room.is_told(job)

    room.arrives(STAFF, "SCREENSHOT OK", subject=f"[{room.ticket(job).id}]")
    room.work_off()

    assert "no picture here that waits" in " ".join(room.pile.to(STAFF)[0].text.split())
    assert room.ticket(job).proofs == ()


def test_an_order_that_does_not_apply_is_answered_in_plain_words(room: Room):
    job = room.job("plain")
    room.is_told(job)

    room.arrives(STAFF, "HAND BACK", subject=f"[{room.ticket(job).id}]")
    room.work_off()

    text = " ".join(room.pile.to(STAFF)[0].text.split())
    assert "HAND BACK: nothing was done, because the ticket is awaiting retailer" in text


# mailing


def test_two_causes_make_two_mails(room: Room):
    one, two = room.job("one"), room.job("two")
    room.fails(one, "the feed was refused")
    room.fails(two, "401: the access token has expired")
    room.wait(61)

    assert len(room.pile.to(SHOP)) == 2


def test_a_mail_that_did_not_leave_is_sent_later_under_its_own_id(either_room: Room):
    room = either_room
    room.pile.fails_with = [TryAgainLater("greylisted")]
    job = room.job("later")
    room.fails(job)
    room.wait(61)
    assert room.pile.mails == []

    room.wait(600)

    assert len(room.pile.to(SHOP)) == 1
    with room.desk.memory.read() as uow:
        (known,) = uow.sent.of_ticket(room.ticket(job).id)
    assert known.message_id == room.pile.mails[0].message_id


def test_a_retailer_who_cannot_be_reached_is_a_matter_for_staff(room: Room):
    room.pile.fails_with = [GiveUp("550 no such user")]
    job = room.job("nobody")
    room.fails(job)
    room.wait(61)

    assert room.ticket(job).state is State.WITH_STAFF
    assert "550 no such user" in room.pile.to(STAFF)[0].text


# time


def test_silence_brings_reminders_and_then_a_person(either_room: Room):
    room = either_room
    job = room.job("silent")
    room.is_told(job)
    for _ in range(room.desk.policy.reminders + 1):
        deadline = room.ticket(job).deadline
        assert deadline is not None
        room.clock.now_is(deadline)
        assert pass_deadlines(room.desk) == 1
        assert pass_deadlines(room.desk) == 0  # told once
        room.work_off()

    assert room.ticket(job).state is State.WITH_STAFF
    assert len(room.pile.to(SHOP)) == 1 + room.desk.policy.reminders
    assert "no answer after" in room.pile.to(STAFF)[-1].text


def test_nothing_is_removed_before_its_announcement_left_and_could_be_answered(room: Room):
    job = room.job("leaving")
    room.fails(job, "seller account closed: the shop was offboarded")
    room.wait(61)
    notice = room.pile.to(SHOP)[-1]
    room.pile.fails_with = [TryAgainLater("the relay is away")] * 2
    words = "We no longer sell on otter. Please remove the integration."
    room.arrives(SHOP, words, answers=notice)
    room.work_off()
    deadline = room.ticket(job).deadline
    assert room.ticket(job).state is State.REMOVAL_SCHEDULED
    assert deadline is not None

    room.clock.now_is(deadline)
    pass_deadlines(room.desk)
    room.work_off()
    assert room.ticket(job).state is State.REMOVAL_SCHEDULED
    for _ in range(3):  # the relay comes back; the retailer has as long as ever to say no
        room.wait(room.desk.pace.retry_most_seconds)
    assert len(room.pile.to(SHOP)) == 2
    pass_deadlines(room.desk)
    room.work_off()
    assert "remove" not in room.acts(job)

    latest = room.desk.policy.deadline(State.REMOVAL_SCHEDULED, room.clock.now())
    assert latest is not None
    room.clock.now_is(latest)
    pass_deadlines(room.desk)
    room.work_off()
    assert "remove" in room.acts(job)


def test_a_stopped_job_that_somebody_switched_on_is_stopped_again(room: Room):
    job = room.job("stubborn")
    room.is_told(job)
    room.platform.reactivate(job, key="by hand")

    assert reconcile(room.desk) == 1
    room.work_off()

    assert room.acts(job) == ["disable_feed", "reactivate", "disable_feed"]
    assert room.ticket(job).status.standing is Standing.PAUSED
    assert reconcile(room.desk) == 0


def test_a_job_on_trial_or_on_a_platform_that_is_away_is_left_alone(room: Room):
    job = room.job("trial")
    room.is_told(job)
    room.platform.fix_job(job.id)
    room.arrives(STAFF, "REACTIVATE", subject=f"[{room.ticket(job).id}]")
    room.work_off()
    assert room.ticket(job).status.standing is not Standing.PAUSED
    assert reconcile(room.desk) == 0

    other = room.job("away")
    room.is_told(other)
    room.platform.reactivate(other, key="by hand")
    away = Absent(clock=room.clock)
    room.desk = replace(room.desk, platforms={"simulated": away})
    assert reconcile(room.desk) == 0
    assert room.heard(room.ticket(other)) == ["AlertReceived", "JobPaused"]
