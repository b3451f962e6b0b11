from dataclasses import replace
from hashlib import sha256

import pytest

from mailflow.evidence.reading import Box, Reading, Words
from mailflow.store.unit_of_work import SqlMemory
from mailflow.tickets.effects import Audience, Purpose, SendMail
from mailflow.tickets.errors import BrokenRule, GiveUp
from mailflow.workflow.ports import IncomingMail, WrittenMail
from mailflow.workflow.records import Contact, NewOrder, Retailer, ShelfKind, StoredFile
from tests.builders import minute
from tests.store.courses import open_one


def keep(memory, uid, raw=b"Subject: x\r\n\r\n\x00\xff", message_id="<1@example.com>", validity=1):
    mail = IncomingMail(
        folder="INBOX", uidvalidity=validity, uid=uid, raw=raw, received_at=minute(uid)
    )
    with memory.write() as uow:
        return uow.mails.keep(mail, message_id)


def test_the_same_mail_under_two_uids_is_kept_once(memory):
    first, again = keep(memory, 1), keep(memory, 9)
    assert (first.is_new, again.is_new) == (True, False)
    assert again.id == first.id
    assert again.raw == b"Subject: x\r\n\r\n\x00\xff"
    assert again.received_at == minute(1)
    with memory.read() as uow:
        assert uow.mails.unhandled(10) == [first.id]
        assert (uow.mails.last_uid("INBOX", 1), uow.mails.last_uid("INBOX", 2)) == (9, 0)


def test_the_same_mail_in_a_new_incarnation_of_the_folder_is_kept_once(memory):
    first = keep(memory, 5)
    assert keep(memory, 1, validity=2).id == first.id


def test_other_bytes_under_the_same_message_id_are_another_mail(memory):
    assert keep(memory, 1, raw=b"a").id != keep(memory, 2, raw=b"b").id


def test_a_message_id_used_again_for_other_bytes_is_known_as_such(memory):
    first, second = keep(memory, 1, raw=b"a"), keep(memory, 2, raw=b"b")
    nameless = [keep(memory, uid, raw=b"%d" % uid, message_id="") for uid in (3, 4)]
    with memory.read() as uow:
        assert uow.mails.reuse_of(first.id) is None
        assert uow.mails.reuse_of(second.id) == first.id
        assert [uow.mails.reuse_of(mail.id) for mail in nameless] == [None, None]


def test_places_and_contents_are_told(memory):
    first = keep(memory, 5, raw=b"a")
    keep(memory, 7, raw=b"b", message_id="<2@example.com>")
    keep(memory, 7, raw=b"c", message_id="<3@example.com>", validity=2)
    with memory.write() as uow:
        uow.mails.mark_handled(first.id, kind="alert", because="", tickets=[])
    with memory.read() as uow:
        assert uow.mails.at_places("INBOX", 1, [5, 6, 7]) == {5: True, 7: False}
        assert uow.mails.holds("<2@example.com>")
        assert uow.mails.holds("<2@example.com>", sha256(b"b").hexdigest())
        assert not uow.mails.holds("<2@example.com>", sha256(b"a").hexdigest())
        assert not uow.mails.holds("<9@example.com>")


def test_another_mail_at_a_known_place_is_not_lost(memory):
    keep(memory, 1, raw=b"a", message_id="<1@example.com>")
    assert keep(memory, 1, raw=b"b", message_id="<2@example.com>").is_new


def test_a_handled_mail_is_found_by_its_tickets_and_can_be_taken_back(memory):
    mail = keep(memory, 1)
    with memory.write() as uow:
        uow.mails.mark_handled(mail.id, kind="alert", because="listed", tickets=["A", "B", "A"])
    with memory.read() as uow:
        assert uow.mails.unhandled(10) == []
        assert [kept.id for kept in uow.mails.of_ticket("B")] == [mail.id]
        assert uow.mails.get(mail.id).handled
    with memory.write() as uow:
        uow.mails.mark_unhandled(mail.id)
        assert uow.mails.unhandled(10) == [mail.id]


def test_a_file_is_stored_once_and_found_by_every_ticket_that_uses_it(memory):
    mail = keep(memory, 1)
    content = b"\x89PNG\x00"
    file = StoredFile(
        sha256=sha256(content).hexdigest(), content_type="image/png", filename="a", content=content
    )
    with memory.write() as uow:
        for tickets in (["A"], ["A", "B"], []):
            uow.files.keep(file, mail_id=mail.id, tickets=tickets)
    with memory.read() as uow:
        assert uow.files.of_ticket("A") == uow.files.of_ticket("B") == [file]
        assert uow.files.get(file.sha256) == file
        with pytest.raises(GiveUp):
            uow.files.get("0" * 64)


def test_the_same_pixels_are_recognised_on_another_ticket(memory):
    def reading(file, pixels):
        return Reading(
            sha256=file, pixels_sha256=pixels, fingerprint="f0", width=1, height=1, words=()
        )

    with memory.write() as uow:
        uow.files.remember_reading(reading("f1", "p1"), "A")
        uow.files.remember_reading(reading("f1", "p1"), "A")
        uow.files.remember_reading(reading("f2", "p2"), "B")
        assert uow.files.tickets_showing(reading("f3", "p1")) == ["A"]
        assert uow.files.tickets_showing(reading("f2", "p1")) == ["A", "B"]
        assert uow.files.tickets_showing(reading("f4", "p4")) == []


def test_the_pictures_of_a_job_are_found_by_its_tickets_the_newest_first(memory):
    ticket = open_one(memory)

    def reading(file):
        words = (Words(text=file, box=Box(left=1, top=2, right=3, bottom=4), confidence=0.9),)
        return Reading(
            sha256=file, pixels_sha256=file, fingerprint="", width=1, height=1, words=words
        )

    with memory.write() as uow:
        for file, owner in (("f1", ticket.id), ("f2", "another"), ("f3", ticket.id)):
            uow.files.remember_reading(reading(file), owner)
        found = uow.files.readings_of_job(ticket.job.key, but="f9")
        assert found == [(ticket.id, reading("f3")), (ticket.id, reading("f1"))]
        assert uow.files.readings_of_job(ticket.job.key, but="f3") == [(ticket.id, reading("f1"))]
        assert uow.files.readings_of_job("nobody's", but="") == []


def test_pictures_of_other_jobs_that_look_alike_are_found(memory):
    ticket = open_one(memory)

    def reading(file, fingerprint):
        return Reading(
            sha256=file, pixels_sha256=file, fingerprint=fingerprint, width=1, height=1, words=()
        )

    looks = {"f1": "00000000000000ff", "f2": "00000000000000fe", "f3": "ffffffffffffff00"}
    with memory.write() as uow:
        for file, fingerprint in looks.items():
            uow.files.remember_reading(reading(file, fingerprint), ticket.id)
        now = reading("f1", looks["f1"])
        assert uow.files.readings_like(now, but_job="another") == [
            (ticket.id, reading("f2", looks["f2"]))
        ]
        assert uow.files.readings_like(now, but_job=ticket.job.key) == []


def test_a_written_mail_is_kept_once_and_marked(memory):
    mail = WrittenMail(
        message_id="<m@example.com>",
        sender="us@example.com",
        to=("a@example.com", "b@example.com"),
        subject="Ü",
        text="text",
        raw=b"\x00",
    )
    effect = SendMail(purpose=Purpose.CLOSED, audience=Audience.RETAILER)
    with memory.write() as uow:
        uow.orders.place(
            NewOrder(key="a", ticket="A", effect=effect, lane="", priority=1, due=minute(0))
        )
        (order,) = uow.orders.claim(minute(0), owner="me", lease_seconds=9)
        for _ in range(2):
            uow.sent.record(order, mail, purpose="closed", tickets=["A", "B"], at=minute(1))
        uow.sent.mark(mail.message_id, "sent")
    with memory.read() as uow:
        (sent,) = uow.sent.by_message_id([mail.message_id, "<other@example.com>"])
        assert (sent.state, sent.tickets, sent.to) == ("sent", ("A", "B"), mail.to)
        assert (sent.order, sent.raw, sent.at) == (order.id, b"\x00", minute(1))
        assert uow.sent.of_ticket("B") == [sent]


def test_a_shelved_mail_is_sent_through_again_once(memory):
    mail = keep(memory, 1)
    with memory.write() as uow:
        uow.mails.mark_handled(mail.id, kind="stranger", because="", tickets=[])
        item = uow.shelf.put(ShelfKind.TRIAGE, "no rule", at=minute(1), mail=mail.id)
        assert uow.shelf.items() == [item]
        uow.shelf.send_through_again(item.id, minute(2))
        assert uow.mails.unhandled(9) == [mail.id]
        uow.mails.mark_handled(mail.id, kind="alert", because="", tickets=[])
        uow.shelf.send_through_again(item.id, minute(3))
        assert uow.mails.unhandled(9) == []
        assert uow.shelf.items() == []
        assert uow.shelf.items(resolved=True)[0].resolved_at == minute(2)
        with pytest.raises(GiveUp):
            uow.shelf.send_through_again(99, minute(3))


def test_contacts_are_found_by_address_and_replaced_with_their_retailer(memory):
    anna = Contact(address="anna@example.com", name="Anna", language="de")
    ben = Contact(address="ben@example.com", name="", language="en", may_confirm_removal=False)
    acme = Retailer(id="acme", name="Acme", language="de", zone="UTC", contacts=(ben, anna))
    other = Retailer(id="other", name="Other", language="en", zone="UTC", contacts=())
    with memory.write() as uow:
        uow.directory.replace([acme, other])
        assert uow.directory.all() == [acme, other]
        assert uow.directory.of_address("ANNA@example.com") == [(acme, anna)]
        fewer = Retailer(id="acme", name="Acme", language="de", zone="UTC", contacts=(ben,))
        uow.directory.replace([fewer])
        assert uow.directory.retailer("acme") == fewer
        assert uow.directory.of_address("anna@example.com") == []
        assert uow.directory.retailer("other") == other
        assert uow.directory.retailer("nobody") is None


def test_a_contact_is_unreachable_until_they_write_or_are_changed(memory):
    anna = Contact(address="anna@example.com", name="Anna", language="de")
    acme = Retailer(id="acme", name="Acme", language="de", zone="UTC", contacts=(anna,))
    renamed = replace(acme, contacts=(replace(anna, name="Anna B."),))
    with memory.write() as uow:

        def marked():
            uow.directory.mark_unreachable("anna@example.com", at=minute(5), because="gone")
            return uow.directory.retailer("acme").contacts[0].unreachable_since

        uow.directory.replace([acme])
        assert marked() == minute(5)
        assert not uow.directory.heard_from("anna@example.com", minute(4)), "it is older"
        assert uow.directory.heard_from("anna@example.com", minute(6))
        assert marked() == minute(5)
        uow.directory.replace([acme], keep_marks=True)
        assert not uow.directory.retailer("acme").contacts[0].is_reachable
        uow.directory.replace([renamed], keep_marks=True)
        assert uow.directory.retailer("acme") == renamed


def test_a_tick_is_done_by_exactly_one(memory):
    with memory.write() as uow:
        assert uow.tick_once("digest", "2026-03-02", minute(0))
        assert not uow.tick_once("digest", "2026-03-02", minute(1))
        assert uow.tick_once("digest", "2026-03-03", minute(1))


def test_writing_within_writing_is_refused_instead_of_waiting_for_itself(memory):
    with memory.write(), pytest.raises(BrokenRule), memory.write():
        pass


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://localhost/x"])
def test_a_database_that_cannot_carry_it_is_refused(url):
    with pytest.raises(GiveUp):
        SqlMemory(url)
