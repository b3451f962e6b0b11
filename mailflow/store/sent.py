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
from mailflow.workflow.records import Order, SentMail

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
            "state": "written",
            "at": at,
        }
        insert_once(self._connection, sent_mails, values)
        for ticket in dict.fromkeys(tickets):
            link = {"message_id": mail.message_id, "ticket": ticket}
            insert_once(self._connection, sent_mail_tickets, link)

    def mark(self, message_id: str, state: str) -> None:
        marked = sa.update(sent_mails).where(_s.message_id == message_id).values(state=state)
        self._connection.execute(marked)

    def by_message_id(self, message_ids: Iterable[str]) -> Sequence[SentMail]:
        return self._select(_s.message_id.in_(list(message_ids)))

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
            state=row.state,
            at=row.at,
            raw=bytes(row.raw),
        )
