"""Attachments by content, where they were used, and what was read off them."""

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from mailflow.evidence.reading import Reading
from mailflow.store.rows import insert_once
from mailflow.store.serial import pack, unpack
from mailflow.store.tables import file_uses, files, readings, tickets
from mailflow.tickets.errors import GiveUp
from mailflow.workflow.records import StoredFile

MOST_READINGS = 40  # of one job that a new picture is compared with
MOST_FINGERPRINTS = 2000  # of other jobs' pictures, the newest, that are looked through
FARTHEST_BITS = 8  # of 64: a copy differs in fewer, however recompressed or scaled
MOST_ALIKE = 12  # of those that look alike, whose words are compared


class SqlFiles:
    """Implements `Files`."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def keep(self, file: StoredFile, *, mail_id: int | None, tickets: Iterable[str]) -> None:
        content = {
            "sha256": file.sha256,
            "content_type": file.content_type,
            "filename": file.filename,
            "content": file.content,
        }
        insert_once(self._connection, files, content)
        for ticket in dict.fromkeys(tickets) or ("",):
            use = {"sha256": file.sha256, "mail": mail_id, "ticket": ticket}
            insert_once(self._connection, file_uses, use)

    def get(self, sha256: str) -> StoredFile:
        row = self._connection.execute(sa.select(files).where(files.c.sha256 == sha256)).first()
        if row is None:
            raise GiveUp(f"there is no file {sha256} in the memory")
        return _stored(row)

    def of_ticket(self, ticket: str) -> Sequence[StoredFile]:
        first_use = (
            sa.select(file_uses.c.sha256, sa.func.min(file_uses.c.id).label("at"))
            .where(file_uses.c.ticket == ticket)
            .group_by(file_uses.c.sha256)
            .subquery()
        )
        query = sa.select(files).join(first_use, first_use.c.sha256 == files.c.sha256)
        return [_stored(row) for row in self._connection.execute(query.order_by(first_use.c.at))]

    def mails_with(self, sha256: str) -> int:
        mails = sa.select(sa.func.count(sa.distinct(file_uses.c.mail)))
        return self._connection.scalar(mails.where(file_uses.c.sha256 == sha256)) or 0

    def remember_reading(self, reading: Reading, ticket: str) -> None:
        values = {
            "sha256": reading.sha256,
            "pixels_sha256": reading.pixels_sha256,
            "fingerprint": reading.fingerprint,
            "ticket": ticket,
            "body": pack(reading),
        }
        insert_once(self._connection, readings, values)

    def tickets_showing(self, reading: Reading) -> Sequence[str]:
        r = readings.c
        same = (r.sha256 == reading.sha256) | (r.pixels_sha256 == reading.pixels_sha256)
        query = sa.select(r.ticket).where(same).order_by(r.id)
        return list(dict.fromkeys(self._connection.scalars(query)))

    def readings_of_job(self, job_key: str, *, but: str) -> Sequence[tuple[str, Reading]]:
        r = readings.c
        query = (
            sa.select(r.ticket, r.body)
            .join(tickets, tickets.c.id == r.ticket)
            .where(tickets.c.job_key == job_key, r.sha256 != but)
            .order_by(r.id.desc())
            .limit(MOST_READINGS)
        )
        rows = self._connection.execute(query)
        return [(row.ticket, unpack(Reading, row.body)) for row in rows]

    def readings_like(self, reading: Reading, *, but_job: str) -> Sequence[tuple[str, Reading]]:
        r = readings.c
        others = (
            sa.select(r.id, r.fingerprint)
            .join(tickets, tickets.c.id == r.ticket)
            .where(tickets.c.job_key != but_job, r.sha256 != reading.sha256, r.fingerprint != "")
            .order_by(r.id.desc())
            .limit(MOST_FINGERPRINTS)
        )
        own = int(reading.fingerprint or "0", 16)
        apart = sorted(
            ((own ^ int(row.fingerprint, 16)).bit_count(), -row.id)
            for row in self._connection.execute(others)
        )
        alike = [-number for bits, number in apart if bits <= FARTHEST_BITS][:MOST_ALIKE]
        found = sa.select(r.ticket, r.body).where(r.id.in_(alike)).order_by(r.id.desc())
        rows = self._connection.execute(found)
        return [(row.ticket, unpack(Reading, row.body)) for row in rows]


def _stored(row: sa.Row[Any]) -> StoredFile:
    return StoredFile(
        sha256=row.sha256,
        content_type=row.content_type,
        filename=row.filename,
        content=bytes(row.content),
    )
