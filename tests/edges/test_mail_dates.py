"""Times in mails, as readers of each language write them."""

from datetime import UTC, datetime

import pytest

from mailflow.edges.mail_dates import moment, weekday, zone_named

AT = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
BERLIN = zone_named("Europe/Berlin")


@pytest.mark.parametrize(
    ("language", "shown"),
    [
        ("en", "Mon 23 November 2026, 11:00 CET"),
        ("de", "Mo, 23. November 2026, 11:00 Uhr MEZ"),
        ("fr", "lundi 23 novembre 2026, 11:00 CET"),
        ("es", "lunes, 23 de noviembre de 2026, 11:00 CET"),
        ("it", "lunedì 23 novembre 2026, 11:00 CET"),
        ("nl", "maandag 23 november 2026, 11:00 CET"),
        ("pl", "23 listopada 2026 (pon.), 11:00 CET"),
        ("pt", "23 de novembro de 2026 (segunda), 11:00 CET"),
        ("sv", "måndag 23 november 2026, 11:00 CET"),
        ("no language", "2026-11-23 11:00 CET"),
    ],
)
def test_a_time_is_written_as_its_reader_writes_it(language, shown):
    assert moment(AT, BERLIN, language) == shown


@pytest.mark.parametrize(
    ("zone", "shown"),
    [
        ("Europe/Lisbon", "10:00 WET"),
        ("America/Sao_Paulo", "07:00 UTC-03"),
        ("Nowhere/At_All", "10:00 UTC"),
    ],
)
def test_the_zone_is_named_by_the_letters_that_its_clocks_go_by(zone, shown):
    assert moment(AT, zone_named(zone), "fr") == f"lundi 23 novembre 2026, {shown}"


def test_a_german_reader_has_names_of_his_own_for_the_zones_of_europe():
    summer = datetime(2026, 7, 1, 10, 0, tzinfo=UTC)
    assert moment(summer, BERLIN, "de").endswith("12:00 Uhr MESZ")
    assert moment(AT, zone_named("Europe/Athens"), "de").endswith("12:00 Uhr OEZ")
    assert moment(AT, zone_named("America/New_York"), "de").endswith("05:00 Uhr EST")


def test_a_time_without_a_zone_is_not_shown():
    with pytest.raises(ValueError, match="names no zone"):
        moment("2026-11-23T10:00:00", BERLIN, "en")


def test_the_days_of_the_digest_keep_their_short_names():
    assert [weekday(n, "en") for n in range(7)] == ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    assert [weekday(n, "de") for n in range(7)] == ["Mo", "Di", "Mi", "Do", "Fr", "Sa", "So"]
