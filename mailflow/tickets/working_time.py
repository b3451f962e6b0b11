"""Waiting for people: nights count, weekends and holidays do not."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

_ONE_DAY = timedelta(days=1)
_EVERY_DAY = frozenset(range(7))


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """On which days people can be expected to answer. Days run from midnight to midnight."""

    working_days: frozenset[int] = frozenset(range(5))  # 0 is Monday; none at all counts as all
    holidays: frozenset[date] = frozenset()
    zone: tzinfo = UTC  # whose midnights

    def works_on(self, day: date) -> bool:
        return day.weekday() in (self.working_days or _EVERY_DAY) and day not in self.holidays

    def midnight_after(self, day: date) -> datetime:
        """Give the end of a day, in UTC, so that a day of 23 or 25 hours counts as it is."""
        return datetime.combine(day + _ONE_DAY, time.min, tzinfo=self.zone).astimezone(UTC)


def working_time_later(start: datetime, wait: timedelta, week: Week) -> datetime:
    """Say when `wait` of working time has gone by since `start`; always later than `start`."""
    moment, left = start.astimezone(UTC), wait
    while True:
        day = moment.astimezone(week.zone).date()
        end = week.midnight_after(day)
        if week.works_on(day):
            if moment + left < end:
                return moment + left
            left -= end - moment
        moment = end
