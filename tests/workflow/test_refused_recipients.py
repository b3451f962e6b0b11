"""Our own mail server takes some recipients of a mail and not others: who hears of it."""

from mailflow.workflow.ports import Refused
from tests.workflow.room import HELPER, SHOP, STAFF, Room
from tests.workflow.test_returned_mails import account, gone

UNKNOWN = Refused(SHOP, 550, "5.1.1 <ops@shop.test>: Recipient address rejected: User unknown")


def told_to_staff(room: Room) -> str:
    return " ".join(room.pile.to(STAFF)[-1].text.split())


def test_an_address_that_does_not_exist_is_not_written_to_again(room: Room):
    room.pile.does_not_take[SHOP] = UNKNOWN
    job = room.job("gone")
    room.is_told(job)
    room.work_off()

    assert gone(room) == [SHOP]
    assert f"nothing is sent to {SHOP} any more" in told_to_staff(room)
    assert f"is written to at {HELPER}" in told_to_staff(room)
    assert "5.1.1" in told_to_staff(room)
    with room.desk.memory.read() as uow:
        events = [line.event for line in uow.tickets.story(room.ticket(job).id)]
    assert events.count("MailReturned") == 1


def test_an_address_that_is_refused_for_now_is_told_and_stays(room: Room):
    room.pile.does_not_take[SHOP] = Refused(SHOP, 451, "4.7.1 Greylisted, try again later")
    room.is_told(room.job("grey"))
    room.work_off()

    assert gone(room) == []
    assert f"did not take {SHOP} (451 4.7.1 Greylisted" in told_to_staff(room)
    assert f"{SHOP} is written to as before" in told_to_staff(room)


def test_a_full_mailbox_silences_nobody(room: Room):
    room.pile.does_not_take[SHOP] = Refused(SHOP, 552, "5.2.2 Mailbox full")
    room.is_told(room.job("full"))
    room.work_off()

    assert gone(room) == []
    assert all(contact.is_reachable for contact in account(room).contacts)
    assert f"{SHOP} is written to as before" in told_to_staff(room)


def test_a_mail_that_all_take_tells_staff_nothing(room: Room):
    job = room.job("fine")
    before = len(room.pile.to(STAFF))
    room.is_told(job)
    room.work_off()

    assert "did not take" not in " ".join(mail.text for mail in room.pile.to(STAFF)[before:])
