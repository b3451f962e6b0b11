"""Mails that came in, kept before anything else is done with them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

import sqlalchemy as sa

from mailflow.store.rows import insert_once
from mailflow.store.serial import pack, unpack
from mailflow.store.tables import mail_tickets, mails, places
from mailflow.tickets.errors import GiveUp
from mailflow.workflow.ports import IncomingMail
from mailflow.workflow.records import KeptMail, PassedOn

_m = mails.c


class SqlMails:
    """Implements `Mails`."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def keep(self, mail: IncomingMail, message_id: str) -> KeptMail:
        digest = sha256(mail.raw).hexdigest()
        known = self._at_place(mail, message_id, digest)
        if known is not None:
            return _kept(known, is_new=False)
        is_new = insert_once(
            self._connection,
            mails,
            {
                "message_id": message_id,
                "sha256": digest,
                "raw": mail.raw,
                "received_at": mail.received_at,
                "handled": False,
                "kind": "",
                "because": "",
            },
        )
        same = (_m.message_id == message_id) & (_m.sha256 == digest)
        row = self._connection.execute(sa.select(mails).where(same)).one()
        self._note_place(mail, row.id)
        return _kept(row, is_new=is_new)

    def get(self, mail_id: int) -> KeptMail:
        row = self._connection.execute(sa.select(mails).where(_m.id == mail_id)).first()
        if row is None:
            raise GiveUp(f"there is no mail {mail_id} in the memory")
        return _kept(row, is_new=False)

    def unhandled(self, limit: int) -> Sequence[int]:
        query = sa.select(_m.id).where(~_m.handled).order_by(_m.id).limit(limit)
        return list(self._connection.scalars(query))

    def mark_handled(
        self, mail_id: int, *, kind: str, because: str, tickets: Iterable[str]
    ) -> None:
        values = {"handled": True, "kind": kind, "because": because}
        self._connection.execute(sa.update(mails).where(_m.id == mail_id).values(values))
        for ticket in dict.fromkeys(tickets):
            insert_once(self._connection, mail_tickets, {"mail": mail_id, "ticket": ticket})

    def note_passed_on(self, mail_id: int, passed_on: PassedOn) -> None:
        noted = sa.update(mails).where(_m.id == mail_id).values(passed_on=pack(passed_on))
        self._connection.execute(noted)

    def mark_unhandled(self, mail_id: int) -> None:
        self._connection.execute(sa.update(mails).where(_m.id == mail_id).values(handled=False))

    def with_message_id(self, message_id: str) -> Sequence[KeptMail]:
        query = sa.select(mails).where(_m.message_id == message_id).order_by(_m.id)
        return [_kept(row, is_new=False) for row in self._connection.execute(query)]

    def reuse_of(self, mail_id: int) -> int | None:
        mine = sa.select(_m.message_id).where(_m.id == mail_id, _m.message_id != "")
        earlier = (_m.message_id == mine.scalar_subquery()) & (_m.id < mail_id)
        found: int | None = self._connection.scalar(sa.select(sa.func.min(_m.id)).where(earlier))
        return found

    def at_places(self, folder: str, uidvalidity: int, uids: Sequence[int]) -> Mapping[int, bool]:
        p = places.c
        query = (
            sa.select(p.uid, _m.handled)
            .join(mails, p.mail == _m.id)
            .where(p.folder == folder, p.uidvalidity == uidvalidity, p.uid.in_(uids))
        )
        return {row.uid: row.handled for row in self._connection.execute(query)}

    def holds(self, message_id: str, sha256: str = "") -> bool:
        query = sa.select(_m.id).where(_m.message_id == message_id).limit(1)
        if sha256:
            query = query.where(_m.sha256 == sha256)
        return self._connection.scalar(query) is not None

    def last_uid(self, folder: str, uidvalidity: int) -> int:
        p = places.c
        query = sa.select(sa.func.max(p.uid)).where(
            p.folder == folder, p.uidvalidity == uidvalidity
        )
        return self._connection.scalar(query) or 0

    def of_ticket(self, ticket: str) -> Sequence[KeptMail]:
        query = (
            sa.select(mails)
            .join(mail_tickets, mail_tickets.c.mail == _m.id)
            .where(mail_tickets.c.ticket == ticket)
            .order_by(_m.id)
        )
        return [_kept(row, is_new=False) for row in self._connection.execute(query)]

    def arrivals(self, mail_ids: Iterable[int]) -> Mapping[int, datetime]:
        query = sa.select(_m.id, _m.received_at).where(_m.id.in_(list(mail_ids)))
        return {row.id: row.received_at for row in self._connection.execute(query)}

    def _at_place(self, mail: IncomingMail, message_id: str, digest: str) -> sa.Row[Any] | None:
        """Find the mail known at this place; other content there is another mail, to be kept."""
        p = places.c
        here = (p.folder == mail.folder) & (p.uidvalidity == mail.uidvalidity) & (p.uid == mail.uid)
        query = sa.select(mails).join(places, p.mail == _m.id).where(here)
        row = self._connection.execute(query).first()
        if row is None:
            return None
        same = row.sha256 == digest or (message_id != "" and row.message_id == message_id)
        return row if same else None

    def _note_place(self, mail: IncomingMail, mail_id: int) -> None:
        place = {"folder": mail.folder, "uidvalidity": mail.uidvalidity, "uid": mail.uid}
        if not insert_once(self._connection, places, {**place, "mail": mail_id}):
            moved = sa.update(places).filter_by(**place).values(mail=mail_id)
            self._connection.execute(moved)


def _kept(row: sa.Row[Any], *, is_new: bool) -> KeptMail:
    return KeptMail(
        id=row.id,
        raw=bytes(row.raw),
        received_at=row.received_at,
        is_new=is_new,
        handled=row.handled,
        passed_on=unpack(PassedOn, row.passed_on) if row.passed_on else None,
    )
