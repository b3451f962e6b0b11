"""Which ticket a mail belongs to, as the workflow asks it."""

from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage

import pytest

from mailflow.tickets.effects import Audience, Purpose, SendMail
from mailflow.understanding.tokens import make_token, reply_address
from mailflow.wiring import Office
from mailflow.workflow.interpreting import understand
from mailflow.workflow.ports import WrittenMail
from mailflow.workflow.records import Contact, NewOrder, Retailer
from tests.builders import an_alert, opened

SHOP = "ops@shop.test"


def two_tickets_told_in_one_mail(office: Office) -> tuple[str, str]:
    """Record a notice about two jobs of one retailer; gives the tickets, oldest first."""
    desk, now = office.desk, office.desk.clock.now()
    contact = Contact(address=SHOP, name="", language="en")
    shop = Retailer(id="acme", name="Acme", language="en", zone="UTC", contacts=(contact,))
    effect = SendMail(purpose=Purpose.FIRST_NOTICE, audience=Audience.RETAILER)
    ids = []
    with desk.memory.write() as uow:
        uow.directory.replace([shop])
        for number in (1, 2):
            decision = opened(id=f"feed-{number}")
            ticket = replace(decision.ticket, id=f"MF-{number}")
            decision = replace(decision, ticket=ticket)
            saved = uow.tickets.record(None, an_alert(), decision, cause=f"mail:{number}")
            assert saved is not None
            ids.append(saved.id)
    with desk.memory.write() as uow:
        order = NewOrder(key="k", ticket=ids[0], effect=effect, lane="l", priority=2, due=now)
        uow.orders.place(order)
        (claimed,) = uow.orders.claim(now + timedelta(seconds=1), owner="w", lease_seconds=60)
        mail = WrittenMail(
            message_id="<notice@mailflow.test>",
            sender="box@mailflow.test",
            to=(SHOP,),
            subject="s",
            text="t",
            raw=b"",
        )
        uow.sent.record(claimed, mail, purpose="first_notice", tickets=ids, at=now)
    return ids[0], ids[1]


@pytest.mark.parametrize("leader", [0, 1], ids=["the older ticket leads", "the newer one leads"])
def test_an_answer_to_a_mail_about_two_jobs_belongs_to_the_one_its_address_names(
    office: Office, leader: int
):
    tickets = two_tickets_told_in_one_mail(office)
    token = make_token(office.desk.team.token_keys[0], tickets[leader], (SHOP,))
    reply = EmailMessage()
    reply["From"] = SHOP
    reply["To"] = reply_address("box@mailflow.test", tickets[leader], token)
    reply["Message-ID"] = "<reply@shop.test>"
    reply["In-Reply-To"] = "<notice@mailflow.test>"
    reply.set_content("We have corrected the feed.")

    message = office.desk.parser.parse(reply.as_bytes())
    with office.memory.read() as uow:
        found = understand(uow, office.desk, message).attribution

    assert found.ticket == tickets[leader], found.because
