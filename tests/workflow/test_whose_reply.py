"""Whose mail may do what on which ticket: everybody else's waits for a person, with the reason."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs

from mailflow.edges.mail_parser import InProcessParser
from mailflow.settings.mail import Trust
from mailflow.store.mails import SqlMails
from mailflow.store.tables import mails
from mailflow.store.tickets import SqlTickets
from mailflow.store.unit_of_work import open_memory
from mailflow.tickets.effects import Audience, Purpose, SendMail
from mailflow.tickets.ticket import State
from mailflow.understanding.alerts import load_packs
from mailflow.understanding.sender import Border
from mailflow.understanding.tokens import make_token, reply_address
from mailflow.workflow.desk import Desk
from mailflow.workflow.ports import IncomingMail, WrittenMail
from mailflow.workflow.records import Contact, NewOrder, Retailer
from mailflow.workflow.take_in import handle, keep
from tests.builders import an_alert, minute, opened
from tests.workflow.office import TEAM, HandClock, desk_over

BOX = "box@mailflow.test"
ANNA, BEN, CARL, EVE = "anna@shop.test", "ben@shop.test", "carl@shop.test", "eve@rival.test"
CONFIRMS = "We have corrected the feed, the fix is done and live for bazaar."


class Shop(NamedTuple):
    desk: Desk
    mine: str  # a ticket of Anna's and Ben's shop, which Anna got a mail about
    other: str  # same, another job
    rivals: str  # a ticket of another shop

    def token(self, ticket: str, *given_to: str) -> str:
        return make_token(self.desk.team.token_keys[0], ticket, given_to or (ANNA,))

    def address(self, ticket: str, *given_to: str) -> str:
        return reply_address(BOX, ticket, self.token(ticket, *given_to))

    def takes(self, sender: str, **mail: str) -> str:
        """Let a mail in; gives the ticket that it landed on, or why it waits for a person."""
        desk = self.desk
        kept = keep(desk, _incoming(sender, mail, desk.clock.now()))
        because = handle(desk, kept)
        with self.desk.memory.read() as uow:
            waiting = [item.because for item in uow.shelf.items() if item.mail == kept]
            on = [t for t in (self.mine, self.other, self.rivals)
                  if kept in [m.id for m in uow.mails.of_ticket(t)]]  # fmt: skip
        assert len(on) <= 1
        if on:
            return on[0]
        assert waiting, f"neither on a ticket nor on the shelf: {because}"
        return f"shelf: {waiting[0]}"

    def story(self, ticket: str) -> list[str]:
        with self.desk.memory.read() as uow:
            return [entry.event for entry in uow.tickets.story(ticket)]


BORDER = Border(authserv_id="mx.mailflow.test")
PACKS = load_packs(
    {p.name: p.read_text("utf-8") for p in sorted(Path("config/alerts").glob("*.toml"))}
)

_uids = iter(range(1, 10_000))


def _incoming(sender: str, mail: dict[str, str], now) -> IncomingMail:
    written = EmailMessage()
    uid = next(_uids)
    if mail.get("stamp", "pass"):
        domain = sender.rpartition("@")[2].rstrip(">")
        written["Authentication-Results"] = (
            f"mx.mailflow.test; dmarc={mail.get('stamp', 'pass')} header.from={domain}"
        )
    written["From"] = sender
    written["To"] = mail.get("to", BOX)
    written["Subject"] = mail.get("subject", "Re: your job")
    written["Message-ID"] = f"<{uid}@shop.test>"
    if "answers" in mail:
        written["In-Reply-To"] = mail["answers"]
    written.set_content(mail.get("text", CONFIRMS))
    raw = written.as_bytes()
    return IncomingMail(folder="INBOX", uidvalidity=1, uid=uid, raw=raw, received_at=now)


def _told(desk: Desk, ticket: str, to: tuple[str, ...]) -> None:
    """Record that a notice about a ticket was sent."""
    now = desk.clock.now()
    effect = SendMail(purpose=Purpose.FIRST_NOTICE, audience=Audience.RETAILER)
    with desk.memory.write() as uow:
        order = NewOrder(key=ticket, ticket=ticket, effect=effect, lane=ticket, priority=2, due=now)
        uow.orders.place(order)
        (claimed,) = uow.orders.claim(now + timedelta(seconds=1), owner="w", lease_seconds=60)
        mail = WrittenMail(
            message_id=f"<{ticket}@mailflow.test>",
            sender=BOX,
            to=to,
            subject="s",
            text="t",
            raw=b"",
        )
        uow.sent.record(claimed, mail, purpose="first_notice", tickets=[ticket], at=now)


def _opened(desk: Desk, number: int, **job: Any) -> str:
    decision = opened(id=f"feed-{number}", **job)
    decision = replace(decision, ticket=replace(decision.ticket, id=f"MF-{number}"))
    with desk.memory.write() as uow:
        saved = uow.tickets.record(None, an_alert(), decision, cause=f"mail:x{number}")
    assert saved is not None
    return saved.id


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    memory = open_memory(f"sqlite:///{tmp_path / 'mailflow.db'}")
    team = replace(TEAM, mailbox=BOX)
    parts = {"team": team, "packs": PACKS, "parser": InProcessParser()}
    yield desk_over(memory, HandClock(minute(60)), border=BORDER, **parts)
    memory.close()


@pytest.fixture
def shop(desk: Desk) -> Shop:
    people = [Contact(address=a, name="", language="en") for a in (ANNA, BEN)]
    rival = Contact(address=EVE, name="", language="en")
    with desk.memory.write() as uow:
        uow.directory.replace(
            [
                Retailer(id="acme", name="A", language="en", zone="UTC", contacts=tuple(people)),
                Retailer(id="rival", name="R", language="en", zone="UTC", contacts=(rival,)),
            ]
        )
    mine, other = _opened(desk, 1), _opened(desk, 2)
    rivals = _opened(desk, 3, retailer="rival")
    for ticket, to in [(mine, ANNA), (other, ANNA), (rivals, EVE)]:
        _told(desk, ticket, (to,))
    return Shop(desk, mine, other, rivals)


def test_the_token_finds_the_ticket_among_several(shop: Shop):
    assert shop.takes(ANNA, to=shop.address(shop.other)) == shop.other


def test_the_answered_mail_finds_the_ticket_where_the_address_was_cut(shop: Shop):
    assert shop.takes(ANNA, answers=f"<{shop.mine}@mailflow.test>") == shop.mine
    assert shop.takes(BEN, answers=f"<{shop.other}@mailflow.test>") == shop.other


def test_the_only_open_ticket_of_a_sender_is_his(shop: Shop):
    assert shop.takes(EVE) == shop.rivals


def test_a_mail_that_fits_two_tickets_waits_for_a_person(shop: Shop):
    assert shop.takes(ANNA) == "shelf: no single ticket fits: 2 tickets fit"


def test_a_token_and_an_answered_mail_that_disagree_wait_for_a_person(shop: Shop):
    landed = shop.takes(ANNA, to=shop.address(shop.mine), answers=f"<{shop.other}@mailflow.test>")
    assert "name different tickets" in landed


def test_a_token_given_to_somebody_else_is_worth_nothing(shop: Shop):
    assert "2 tickets fit" in shop.takes(BEN, to=shop.address(shop.mine))
    assert "another ticket" in shop.takes(EVE, to=shop.address(shop.mine))


def test_an_invented_token_is_worth_nothing(shop: Shop):
    made_up = reply_address(BOX, shop.mine, "a" * 26)
    assert shop.takes(ANNA, to=made_up).startswith("shelf: ")
    assert "another ticket" in shop.takes(EVE, to=made_up)


def test_a_colleague_who_is_no_contact_does_nothing_even_with_the_token(shop: Shop):
    landed = shop.takes(CARL, to=shop.address(shop.mine), answers=f"<{shop.mine}@mailflow.test>")
    assert landed.startswith("shelf: ")
    assert shop.story(shop.mine) == ["AlertReceived"]


def test_another_shops_contact_does_nothing_by_quoting(shop: Shop):
    quoting = {"subject": f"Re: [{shop.mine}] job", "text": f"{shop.mine} is repaired, go on."}
    assert "another ticket" in shop.takes(EVE, **quoting)
    landed = shop.takes(EVE, answers=f"<{shop.mine}@mailflow.test>")
    assert landed == f"shelf: the sender is no contact of the account of {shop.mine}"
    assert shop.story(shop.mine) == ["AlertReceived"]


def test_a_name_that_looks_like_a_contact_is_a_stranger(shop: Shop):
    landed = shop.takes(f'"{ANNA}" <someone@nowhere.test>', to=shop.address(shop.mine))
    assert landed.startswith("shelf: ")
    assert shop.story(shop.mine) == ["AlertReceived"]


@pytest.mark.parametrize("stamp", ["fail", "none", ""])
def test_without_the_borders_word_not_even_the_token_helps(shop: Shop, stamp: str):
    landed = shop.takes(ANNA, to=shop.address(shop.mine), stamp=stamp)
    assert landed.startswith("shelf: nobody vouches that reply is from its sender: ")
    assert shop.story(shop.mine) == ["AlertReceived"]


def test_where_the_policy_wants_a_person_even_a_vouched_reply_waits(shop: Shop):
    border = replace(BORDER, confirmations=Trust.PERSON)
    strict = shop._replace(desk=replace(shop.desk, border=border))
    assert "looked at by a person" in strict.takes(ANNA, to=strict.address(strict.mine))


def test_a_reply_to_a_closed_ticket_reopens_nothing_and_is_seen_by_a_person(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
):
    """The ticket is shown as closed: closing one takes all its proofs, which is told elsewhere."""
    real = SqlTickets.get

    def closed(self, ticket_id):
        found = real(self, ticket_id)
        return replace(found, state=State.CLOSED) if found else None

    monkeypatch.setattr(SqlTickets, "get", closed)
    assert shop.takes(ANNA, to=shop.address(shop.mine), text="Thanks!") == shop.mine
    with shop.desk.memory.read() as uow:
        (item,) = uow.shelf.items()
    assert item.because == f"a reply to the closed {shop.mine}"
    assert shop.story(shop.mine) == ["AlertReceived"]


def test_a_message_id_used_again_is_a_new_mail_and_said(desk: Desk):
    said, numbers = [], []
    for uid, text in [(1, "first"), (2, "second"), (3, "first")]:
        raw = f"From: {ANNA}\r\nMessage-ID: <same@shop.test>\r\n\r\n{text}".encode()
        mail = IncomingMail(
            folder="INBOX", uidvalidity=1, uid=uid, raw=raw, received_at=desk.clock.now()
        )
        with capture_logs() as logs:
            numbers.append(keep(desk, mail))
        said.append([entry["earlier"] for entry in logs if entry["event"] == "mail.id_reused"])
    assert numbers[0] == numbers[2] != numbers[1]
    assert said == [[], [numbers[0]], []]
    handle(desk, numbers[1])
    with desk.memory.read() as uow:
        assert isinstance(uow.mails, SqlMails)
        because = uow.mails._connection.scalar(
            sa.select(mails.c.because).where(mails.c.id == numbers[1])
        )
    assert f"used before, by mail {numbers[0]} with other content" in str(because)
