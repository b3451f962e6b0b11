"""Retailers and those who may speak for them."""

from collections.abc import Sequence
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

    def replace(self, retailers: Sequence[Retailer]) -> None:
        for retailer in retailers:
            self._replace(retailer)

    def all(self) -> Sequence[Retailer]:
        return self._select(sa.true())

    def _replace(self, retailer: Retailer) -> None:
        values = {"name": retailer.name, "language": retailer.language, "zone": retailer.zone}
        known = sa.update(retailers).where(_r.id == retailer.id).values(values)
        if self._connection.execute(known).rowcount == 0:
            self._connection.execute(sa.insert(retailers).values(id=retailer.id, **values))
        self._connection.execute(sa.delete(contacts).where(_c.retailer == retailer.id))
        by_address = {contact.address.strip().lower(): contact for contact in retailer.contacts}
        for position, (address, contact) in enumerate(by_address.items()):
            row = {
                "retailer": retailer.id,
                "address": address,
                "position": position,
                "name": contact.name,
                "language": contact.language,
                "may_confirm_change": contact.may_confirm_change,
                "may_confirm_removal": contact.may_confirm_removal,
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
    )
