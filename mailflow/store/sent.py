"""Mails that were written, kept before they leave."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from mailflow.store.rows import insert_once
from mailflow.store.serial import canonical
from mailflow.store.tables import sent_mail_tickets, sent_mails
from mailflow.workflow.ports import WrittenMail
from mailflow.workflow.records import MailState, Order, SentMail

_s, _t = sent_mails.c, sent_mail_tickets.c


class SqlSentMails:
    """Implements `SentMails`."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def record(
        self, order: Order, mail: WrittenMail, *, purpose: str, tickets: Iterable[str], at: datetime
    ) -> None:
        values = {
            "message_id": mail.message_id,
            "order_id": order.id,
            "purpose": purpose,
            "sender": mail.sender,
            "recipients": canonical(list(mail.to)),
            "subject": mail.subject,
            "text": mail.text,
            "raw": mail.raw,
            "state": MailState.WRITTEN,
            "at": at,
            "attempted_at": at,
        }
        if not insert_once(self._connection, sent_mails, values):
            never_left = (_s.message_id == mail.message_id) & (_s.state == MailState.NOT_SENT)
            self._connection.execute(sa.update(sent_mails).where(never_left).values(values))
        for ticket in dict.fromkeys(tickets):
            link = {"message_id": mail.message_id, "ticket": ticket}
            insert_once(self._connection, sent_mail_tickets, link)

    def attempt(self, message_id: str, at: datetime) -> None:
        values = {"state": MailState.WRITTEN, "attempted_at": at}
        known = sa.update(sent_mails).where(_s.message_id == message_id)
        self._connection.execute(known.values(values))

    def mark(self, message_id: str, state: MailState) -> None:
        marked = sa.update(sent_mails).where(_s.message_id == message_id).values(state=state)
        self._connection.execute(marked)

    def by_message_id(self, message_ids: Iterable[str]) -> Sequence[SentMail]:
        return self._select(_s.message_id.in_(list(message_ids)))

    def unsettled(self) -> Sequence[SentMail]:
        return self._select(_s.state != MailState.SENT)

    def count_since(self, moment: datetime) -> int:
        never = (MailState.NOT_SENT, MailState.REFUSED)
        left = (_s.attempted_at > moment) & _s.state.not_in(never)
        return self._connection.scalar(sa.select(sa.func.count()).where(left)) or 0

    def of_ticket(self, ticket: str) -> Sequence[SentMail]:
        return self._select(_s.message_id.in_(sa.select(_t.message_id).where(_t.ticket == ticket)))

    def _select(self, wanted: sa.ColumnElement[bool]) -> list[SentMail]:
        query = sa.select(sent_mails).where(wanted).order_by(_s.at, _s.order_id, _s.message_id)
        return [self._sent(row) for row in self._connection.execute(query).all()]

    def _sent(self, row: sa.Row[Any]) -> SentMail:
        about = sa.select(_t.ticket).where(_t.message_id == row.message_id).order_by(_t.ticket)
        return SentMail(
            message_id=row.message_id,
            order=row.order_id,
            tickets=tuple(self._connection.scalars(about)),
            purpose=row.purpose,
            to=tuple(json.loads(row.recipients)),
            subject=row.subject,
            text=row.text,
            state=MailState(row.state),
            at=row.at,
            attempted_at=row.attempted_at,
            raw=bytes(row.raw),
        )
