"""Retailers and those who may speak for them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from mailflow.store.tables import contacts, retailers
from mailflow.workflow.records import Contact, Retailer

_r, _c = retailers.c, contacts.c


class SqlDirectory:
    """Implements `Directory`."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def retailer(self, retailer_id: str) -> Retailer | None:
        return next(iter(self._select(_r.id == retailer_id)), None)

    def of_address(self, address: str) -> Sequence[tuple[Retailer, Contact]]:
        wanted = address.strip().lower()
        listed = sa.select(_c.retailer).where(_c.address == wanted)
        return [
            (retailer, contact)
            for retailer in self._select(_r.id.in_(listed))
            for contact in retailer.contacts
            if contact.address == wanted
        ]

    def replace(self, retailers: Sequence[Retailer], *, keep_marks: bool = False) -> None:
        for retailer in retailers:
            known = self.retailer(retailer.id) if keep_marks else None
            self._replace(retailer, _marked(known) if known else {})

    def mark_unreachable(self, address: str, *, at: datetime, because: str) -> None:
        values = {"unreachable_since": at, "unreachable_because": because}
        unmarked = (_c.address == address.strip().lower()) & _c.unreachable_since.is_(None)
        self._connection.execute(sa.update(contacts).where(unmarked).values(values))

    def heard_from(self, address: str, at: datetime) -> bool:
        theirs = _c.address == address.strip().lower()
        later = theirs & (_c.heard_at.is_(None) | (_c.heard_at < at))
        self._connection.execute(sa.update(contacts).where(later).values(heard_at=at))
        marked = sa.update(contacts).where(theirs, _c.unreachable_since < at)
        cleared = marked.values(unreachable_since=None, unreachable_because="")
        return self._connection.execute(cleared).rowcount > 0

    def all(self) -> Sequence[Retailer]:
        return self._select(sa.true())

    def _replace(self, retailer: Retailer, marked: Mapping[str, Contact]) -> None:
        values = {"name": retailer.name, "language": retailer.language, "zone": retailer.zone}
        known = sa.update(retailers).where(_r.id == retailer.id).values(values)
        if self._connection.execute(known).rowcount == 0:
            self._connection.execute(sa.insert(retailers).values(id=retailer.id, **values))
        self._connection.execute(sa.delete(contacts).where(_c.retailer == retailer.id))
        by_address = {contact.address.strip().lower(): contact for contact in retailer.contacts}
        for position, (address, contact) in enumerate(by_address.items()):
            before = marked.get(address)
            kept = before if before and _same(before, contact) else contact
            row = {
                "retailer": retailer.id,
                "address": address,
                "position": position,
                "name": contact.name,
                "language": contact.language,
                "may_confirm_change": contact.may_confirm_change,
                "may_confirm_removal": contact.may_confirm_removal,
                "heard_at": kept.heard_at,
                "unreachable_since": kept.unreachable_since,
                "unreachable_because": kept.unreachable_because,
            }
            self._connection.execute(sa.insert(contacts).values(row))

    def _select(self, wanted: sa.ColumnElement[bool]) -> list[Retailer]:
        query = (
            sa.select(_r.name.label("account"), _r.language.label("spoken"), _r.zone, contacts)
            .add_columns(_r.id)
            .outerjoin_from(retailers, contacts, _c.retailer == _r.id)
            .where(wanted)
            .order_by(_r.id, _c.position)
        )
        found: dict[str, Retailer] = {}
        for row in self._connection.execute(query):
            so_far = found[row.id].contacts if row.id in found else ()
            here = () if row.address is None else (_contact(row),)
            found[row.id] = Retailer(
                id=row.id,
                name=row.account,
                language=row.spoken,
                zone=row.zone,
                contacts=(*so_far, *here),
            )
        return list(found.values())


def _contact(row: sa.Row[Any]) -> Contact:
    return Contact(
        address=row.address,
        name=row.name,
        language=row.language,
        may_confirm_change=row.may_confirm_change,
        may_confirm_removal=row.may_confirm_removal,
        heard_at=row.heard_at,
        unreachable_since=row.unreachable_since,
        unreachable_because=row.unreachable_because,
    )


def _marked(retailer: Retailer) -> dict[str, Contact]:
    return {contact.address: contact for contact in retailer.contacts}


def _same(before: Contact, now: Contact) -> bool:
    """Tell whether nothing that is written in a contacts file differs."""
    unmarked = replace(before, heard_at=None, unreachable_since=None, unreachable_because="")
    return unmarked == replace(now, address=now.address.strip().lower())
