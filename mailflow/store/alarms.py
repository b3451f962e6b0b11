"""Alarms that stand, and those that were cleared a short while ago."""

from collections.abc import Sequence
from dataclasses import asdict

import sqlalchemy as sa

from mailflow.store.tables import alarms
from mailflow.workflow.records import StandingAlarm


class SqlAlarms:
    """Implements `Alarms`."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def standing(self) -> Sequence[StandingAlarm]:
        query = sa.select(alarms).order_by(alarms.c.key)
        return [StandingAlarm(**row) for row in self._connection.execute(query).mappings()]

    def replace(self, known: Sequence[StandingAlarm]) -> None:
        self._connection.execute(sa.delete(alarms))
        if known:
            self._connection.execute(sa.insert(alarms), [asdict(alarm) for alarm in known])
