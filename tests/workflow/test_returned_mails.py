"""A mail of ours came back: whom we stop writing to, who is told, and what does not fool us."""

from dataclasses import replace

import pytest

from mailflow.demo.border import stamp
from mailflow.settings.mail import Witness
from mailflow.tickets.ticket import State
from mailflow.workflow.deadlines import pass_deadlines
from mailflow.workflow.ports import OutcomeUnknown, WrittenMail
from mailflow.workflow.records import Retailer
from mailflow.workflow.take_in import handle
from tests.workflow.reports import comes_back, report_on
from tests.workflow.room import HELPER, OTHER_SHOP, SHOP, STAFF, Room

DAY = 86_400.0
CONFIRMS = "We have corrected the feed, the fix is done and live for otter."


def account(room: Room, name: str = "shop") -> Retailer:
    with room.desk.memory.read() as uow:
        found = uow.directory.retailer(name)
    assert found is not None
    return found


def gone(room: Room) -> list[str]:
    return [c.address for c in account(room).contacts if not c.is_reachable]


def told_since(room: Room, before: int) -> list[WrittenMail]:
    return room.pile.mails[before:]


def test_a_dead_address_is_marked_and_told_to_staff_and_moves_no_ticket(room: Room):
    job = room.job("dead")
    notice = room.is_told(job)
    before = room.ticket(job)

    comes_back(room, report_on(notice, SHOP))
    room.work_off()

    assert gone(room) == [SHOP]
    assert (room.ticket(job).state, room.ticket(job).deadline) == (before.state, before.deadline)
    told = " ".join(room.pile.to(STAFF)[-1].text.split())
    assert f"nothing is sent to {SHOP} any more" in told
    assert f"is written to at {HELPER}" in told


def test_a_returned_mail_is_noted_on_its_ticket(room: Room):
    job = room.job("noted")
    comes_back(room, report_on(room.is_told(job), SHOP))

    with room.desk.memory.read() as uow:
        line = uow.tickets.story(room.ticket(job).id)[-1]
        kept = [mail.id for mail in uow.mails.of_ticket(line.ticket)]
    assert line.event == "MailReturned"
    assert f"nothing is sent to {SHOP} any more" in line.because
    assert int(line.data["message"]) in kept


def test_the_next_mail_goes_to_the_contacts_that_are_left(room: Room):
    job = room.job("next")
    comes_back(room, report_on(room.is_told(job), SHOP))

    room.wait(5 * DAY)
    pass_deadlines(room.desk)
    room.work_off()

    assert room.pile.mails[-1].to == (HELPER,)


def test_staff_get_the_ticket_when_no_contact_is_left(room: Room):
    job = room.job("nobody")
    notice = room.is_told(job)
    comes_back(room, report_on(notice, SHOP))
    comes_back(room, report_on(notice, HELPER, status="5.1.2"))
    before = len(room.pile.mails)

    ticket = room.ticket(job)
    assert ticket.deadline is not None
    room.clock.now_is(ticket.deadline)
    pass_deadlines(room.desk)
    room.work_off()

    assert room.ticket(job).state is State.WITH_STAFF
    assert {mail.to for mail in told_since(room, before)} == {(STAFF,)}
    assert "nothing reaches any contact" in " ".join(room.pile.to(STAFF)[-1].text.split())


def test_a_mail_in_doubt_is_sent_again_only_to_those_who_can_be_reached(room: Room):
    room.desk = replace(room.desk, witness=Witness.PROVIDER)
    job = room.job("unsure")
    first = room.is_told(room.job("earlier"))
    room.fails(job)
    room.pile.fails_with = [OutcomeUnknown("the line broke")]
    room.wait(61)
    comes_back(room, report_on(first, SHOP))
    room.pile.mails.clear()

    room.wait(DAY)

    assert {mail.to for mail in room.pile.mails if STAFF not in mail.to} == {(HELPER,)}


@pytest.mark.parametrize("status", ["4.4.7", "5.2.2", "5.7.1", "5.3.4", "5.6.0"])
def test_a_refusal_that_is_not_the_addresss_silences_nobody(room: Room, status: str):
    job = room.job("soft")
    comes_back(room, report_on(room.is_told(job), SHOP, status=status))
    room.work_off()

    assert gone(room) == []
    assert "does not say that the address is gone" in " ".join(room.pile.to(STAFF)[-1].text.split())


def test_a_delay_changes_nothing_and_tells_nobody(room: Room):
    job = room.job("slow")
    notice = room.is_told(job)
    before, mails = room.ticket(job), len(room.pile.mails)

    comes_back(room, report_on(notice, SHOP, status="4.4.1", action="delayed"))
    room.work_off()

    assert (gone(room), room.ticket(job), len(room.pile.mails)) == ([], before, mails)


# forged


def test_a_report_on_somebody_who_did_not_get_the_mail_silences_nobody(room: Room):
    notice = room.is_told(room.job("other"))

    because = comes_back(room, report_on(notice, OTHER_SHOP))

    assert account(room, "other").contacts[0].is_reachable
    assert "names no mail that we sent there" in because


def test_a_report_that_guessed_the_message_id_silences_nobody(room: Room):
    notice = room.is_told(room.job("guessed"))
    returned = f"Message-ID: {notice.message_id}\nReply-To: box@mailflow.test"

    because = comes_back(room, report_on(notice, SHOP, returned=returned))

    assert gone(room) == []
    assert "does not return our mail" in because


@pytest.mark.parametrize(
    ("top", "login", "why"),
    [
        (f"Return-Path: <{HELPER}>\n", "", "return path"),
        ("Return-Path: <>\n", HELPER, "may be forged"),
    ],
)
def test_a_report_that_a_person_sent_silences_nobody(room: Room, top: str, login: str, why: str):
    notice = room.is_told(room.job("person"))
    raw = stamp(report_on(notice, SHOP, top=top), login=login, peer="x")

    because = handle(room.desk, room.keeps(raw))

    assert gone(room) == []
    assert why in because


def test_a_report_long_after_the_mail_silences_nobody(room: Room):
    notice = room.is_told(room.job("late"))
    room.wait(11 * DAY)

    assert "in the days after" in comes_back(room, report_on(notice, SHOP))
    assert gone(room) == []


def test_a_report_on_somebody_who_wrote_since_silences_nobody(room: Room):
    notice = room.is_told(room.job("alive"))
    room.wait(60)
    room.arrives(SHOP, "What is this about?", answers=notice)

    assert "have written to us since" in comes_back(room, report_on(notice, SHOP))
    assert gone(room) == []


# reached again


def test_a_later_mail_of_theirs_clears_the_mark(room: Room):
    notice = room.is_told(room.job("back"))
    comes_back(room, report_on(notice, SHOP))
    room.wait(60)

    room.arrives(SHOP, CONFIRMS, answers=notice)

    assert gone(room) == []


def test_a_forged_mail_of_theirs_clears_nothing(room: Room):
    notice = room.is_told(room.job("forged"))
    comes_back(room, report_on(notice, SHOP))
    room.wait(60)
    raw = (
        f"From: {SHOP}\r\nMessage-ID: <f@x.test>\r\nIn-Reply-To: {notice.message_id}\r\n\r\nhi\r\n"
    )

    handle(room.desk, room.keeps(stamp(raw.encode(), login="eve@rival.test", peer="x")))

    assert gone(room) == [SHOP]


def test_an_import_clears_the_mark_and_the_reading_at_a_start_does_not(room: Room):
    comes_back(room, report_on(room.is_told(room.job("again")), SHOP))
    with room.desk.memory.read() as uow:
        marked = uow.directory.retailer("shop")
    assert marked is not None
    contacts = tuple(
        replace(c, heard_at=None, unreachable_since=None, unreachable_because="")
        for c in marked.contacts
    )
    fresh = [replace(marked, contacts=contacts)]

    with room.desk.memory.write() as uow:
        uow.directory.replace(fresh, keep_marks=True)
    assert gone(room) == [SHOP]
    with room.desk.memory.write() as uow:
        uow.directory.replace(fresh)
    assert gone(room) == []
