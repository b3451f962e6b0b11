from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailflow.tickets.working_time import Week, working_time_later

BERLIN = ZoneInfo("Europe/Berlin")
DAY = timedelta(days=1)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "wait", "end"),
    [
        pytest.param("2026-03-02 08:00", 2 * DAY, "2026-03-04 08:00", id="within a week"),
        pytest.param("2026-03-06 15:00", 2 * DAY, "2026-03-10 15:00", id="over a weekend"),
        pytest.param("2026-03-07 10:00", DAY, "2026-03-10 00:00", id="begun on a Saturday"),
        pytest.param(
            "2026-03-06 15:00", 9 * timedelta(hours=1), "2026-03-09 00:00", id="to its edge"
        ),
    ],
)
def test_weekends_do_not_count(start: str, wait: timedelta, end: str):
    assert working_time_later(at(start), wait, Week()) == at(end)


def test_a_holiday_does_not_count():
    week = Week(holidays=frozenset({date(2026, 12, 25)}))
    assert working_time_later(at("2026-12-24 09:00"), DAY, week) == at("2026-12-28 09:00")


def test_days_begin_at_the_midnight_of_the_zone():
    week = Week(zone=BERLIN)
    friday_night = at("2026-03-06 23:30")  # Saturday in Berlin
    assert working_time_later(friday_night, timedelta(hours=1), week) == at("2026-03-09 00:00")


def test_a_day_of_25_hours_counts_as_long_as_it_is():
    week = Week(zone=BERLIN, working_days=frozenset(range(7)))
    before_the_change = at("2026-10-24 22:00")
    assert working_time_later(before_the_change, timedelta(hours=25), week) == at(
        "2026-10-25 23:00"
    )


@given(
    start=st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - hypothesis wants naive bounds
    hours=st.integers(1, 500),
    days=st.frozensets(st.integers(0, 6)),
)
def test_it_is_always_later_never_sooner_than_plain_time_and_ends_on_a_working_day(
    start: datetime, hours: int, days: frozenset[int]
):
    wait, week = timedelta(hours=hours), Week(working_days=days, zone=BERLIN)
    end = working_time_later(start, wait, week)
    assert end >= start + wait
    assert week.works_on(end.astimezone(BERLIN).date())
