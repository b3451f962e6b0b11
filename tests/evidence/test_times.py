"""What times on pages mean."""

from datetime import UTC, datetime, timedelta

import pytest

from mailflow.evidence.times import Local, local_of, moment_in

BERLIN = Local("Europe/Berlin", day_first=True)
NINE = datetime(2026, 3, 10, 9, 14, tzinfo=UTC)


def earliest(text: str, local: Local = BERLIN) -> list[datetime]:
    moment = moment_in(text, local)
    return [span.earliest for span in moment.readings] if moment else []


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-10 10:14", "2026-03-10T10:14:00+01:00", "2026/03/10 10:14", "10.03.2026 10:14",
        "10.03.2026, 10.14 Uhr", "2026-03-10T09:14Z", "10 March 2026 10:14", "Mar 10, 2026, 10:14",
        "March 10th, 2026 10:14 AM", "10 mars 2026 à 10:14", "10 mars 2026 10h14",
        "10 de marzo de 2026, 10:14", "10 marzo 2026 alle ore 10:14", "10 maart 2026 om 10:14 uur",
        "10 marca 2026 o godz. 10:14", "10 de março de 2026 às 10:14", "10. März 2026 um 10:14",
        "Tue, 10 Mar 2026 10:14:00", "10:14 10.03.2026", "10:14:00, 10 March 2026",
        "2026-03-10 09:14 UTC", "2026-03-10 10:14 CET", "2026-03-10 11:14 (UTC+2)",
        "10-Mar-2026 10:14", "2026-03-1010:14",
    ],
)  # fmt: skip
def test_the_formats_of_the_world_mean_one_moment(text):
    assert set(earliest(text)) == {NINE}


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-10 10:14 +0", "2026-03-10 10:14 PST", "2026-13-10 10:14", "10:14",
        "10 March 10:14",
        "2026-03-10", "2026-03-10 25:14", "2026-03-10 10:14 2026-03-10 10:15",
    ],
)  # fmt: skip
def test_what_cannot_be_told_for_certain_has_no_meaning(text):
    moment = moment_in(text, BERLIN)
    assert moment is None or moment.readings == ()


def test_a_date_that_reads_two_ways_means_both():
    assert {moment.month for moment in earliest("03/04/2026 10:14")} == {3, 4}


def test_another_date_of_the_page_settles_the_order():
    local = local_of(["03/04/2026 10:14", "03/17/2026 08:00"], "UTC", day_first=True)
    assert {moment.month for moment in earliest("03/04/2026 10:14", local)} == {3}


def test_a_page_that_contradicts_itself_settles_nothing():
    local = local_of(["17/03/2026", "03/17/2026", "03/04/2026 10:14"], "UTC", day_first=True)
    assert {moment.month for moment in earliest("03/04/2026 10:14", local)} == {3, 4}


@pytest.mark.parametrize(
    ("text", "back"),
    [
        ("3 days ago", timedelta(days=3)), ("vor 2 Stunden", timedelta(hours=2)),
        ("il y a 3 jours", timedelta(days=3)), ("hace 2 horas", timedelta(hours=2)),
        ("3 giorni fa", timedelta(days=3)), ("2 uur geleden", timedelta(hours=2)),
        ("3 dni temu", timedelta(days=3)), ("há 2 horas", timedelta(hours=2)),
        ("yesterday 10:14", timedelta()), ("heute um 10:14", timedelta()),
    ],
)  # fmt: skip
def test_a_time_told_from_the_picture_is_marked_so(text, back):
    moment = moment_in(text, BERLIN)
    assert moment is not None
    assert (moment.relative, moment.readings, moment.back) == (True, (), back)
