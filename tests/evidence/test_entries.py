"""Entries of lists without headings, runs in tiles, sentences and what engines misread in them."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from mailflow.evidence.judge import judge
from mailflow.evidence.reading import Reading
from mailflow.evidence.verdict import Question, Result
from tests.evidence.pages import REPAIR, placed

BEFORE, AFTER = "2026-03-10 08:00:00", "2026-03-10 09:14:05"
BERLIN = replace(REPAIR, zone="Europe/Berlin")


def entry(top: int, job: str, place: str, word: str, time: str) -> tuple[tuple[int, int, str], ...]:
    """Lay out an entry of two lines, its word and its time in columns of their own."""
    return (
        (300, top, job), (300, top + 28, place), (20, top + 14, word), (900, top + 14, time),
    )  # fmt: skip


def jobs(word: str = "Succeeded", time: str = AFTER, *more: tuple[int, int, str]) -> Reading:
    """Lay out a list of three jobs, the one in question between the others."""
    return placed(
        (20, 10, "Jobs"),
        *entry(80, "feed-nordhaus-fr", "nordhaus / Kaufwelt FR", "Succeeded", BEFORE),
        *entry(170, "feed-nordhaus-de", "nordhaus / Kaufwelt DE", word, time),
        *entry(260, "sync-alpenrad-de", "alpenrad / Kaufwelt DE", "Failed", BEFORE),
        *more,
    )


def report(sentence: str) -> Reading:
    """Lay out two paragraphs, each a name and a sentence below it."""
    return placed(
        (20, 10, "nordhaus, Kaufwelt DE"),
        (20, 100, "feed-nordhaus-fr"),
        (20, 130, f"The latest run (7) ended {BEFORE} UTC with the result Succeeded."),
        (20, 200, "feed-nordhaus-de"),
        (20, 230, sentence),
    )


def verdict(reading: Reading, question: Question = REPAIR) -> Result:
    return judge(reading, question).result


def test_an_entry_of_a_list_without_headings_is_a_proof():
    assert verdict(jobs()) is Result.ACCEPTED


@pytest.mark.parametrize("word", ["Failed", "", "Vorgemerkt"])
def test_an_entry_takes_no_word_from_another(word):
    assert verdict(jobs(word or "-")) is not Result.ACCEPTED


def test_a_name_of_another_column_among_the_entries_leaves_them_undecided():
    stray = (1300, 240, "feed-nordhaus-outlet-de")
    assert verdict(jobs("Succeeded", AFTER, stray)) is not Result.ACCEPTED


def test_an_entry_with_two_times_is_undecided():
    second = (1300, 184, "2026-03-10 09:30:00")
    assert verdict(jobs("Succeeded", AFTER, second)) is not Result.ACCEPTED


def test_a_menu_beside_the_list_does_not_count():
    menu = ((20, 300, "Jobs"), (20, 340, "Owner"))
    shifted = [
        (w.box.left + 300, w.box.top, w.text) for w in jobs().words if w.text != "Jobs"
    ]  # fmt: skip
    reading = placed((400, 10, "Jobs"), *((int(a), int(b), t) for a, b, t in shifted), *menu)
    assert verdict(reading) is Result.ACCEPTED


def test_a_sentence_tells_of_the_latest_run():
    said = f"The latest run (52) ended {AFTER} UTC with the result Succeeded."
    assert verdict(report(said)) is Result.ACCEPTED


def test_a_word_of_polish_is_no_zone():
    # 09:14 in Berlin is 08:14 UTC, before the failure; read as 09:14 Z it would be after it.
    said = "Ostatnie uruchomienie (47) dobieglo konca 2026-03-10 09:14 z wynikiem Sukces"
    assert verdict(report(said), BERLIN) is Result.REFUSED


def test_a_zone_in_capitals_is_no_word():
    said = f"De laatste uitvoering (47) eindigde {AFTER} MET resultaat Geslaagd"
    assert verdict(report(said)) is not Result.ACCEPTED


def test_no_numbers_of_lines_are_left_out_below_a_heading():
    rows = [
        (100, "feed-nordhaus-fr", "Kaufwelt FR", "1"),
        (136, "feed-nordhaus-de", "Kaufwelt DE", "2"),
        (172, "sync-alpenrad-de", "Kaufwelt DE", "3"),
    ]
    heads = ("Failed", "Job ID", "Retailer", "Marketplace", "Status", "Finished at")
    cells = [
        (20 + 240 * n, top, text)
        for top, job, market, count in rows
        for n, text in enumerate((count, job, "nordhaus", market, "Succeeded", f"{AFTER} UTC"))
    ]
    head = [(20 + 240 * n, 60, text) for n, text in enumerate(heads)]
    assert verdict(placed(*head, *cells)) is not Result.ACCEPTED


@pytest.mark.parametrize(("colour", "expected"), [("green", True), ("red", False), ("", False)])
def test_only_a_green_dot_read_as_a_letter_says_nothing(colour, expected):
    reading = jobs("Succeeded", AFTER, (3, 184, "O"))
    words = tuple(replace(w, colour=colour) if w.text == "O" else w for w in reading.words)
    assert (verdict(replace(reading, words=words)) is Result.ACCEPTED) is expected


def test_the_times_of_next_runs_are_not_those_of_the_last():
    later = replace(REPAIR, received_at=datetime(2026, 3, 10, 9, 20, tzinfo=UTC))
    place = "nordhaus / Kaufwelt DE"
    to_come = entry(350, "feed-nordhaus-outlet-de", place, "Succeeded", "2026-03-10 11:00:00")
    assert verdict(jobs("Succeeded", AFTER, *to_come), later) is not Result.ACCEPTED
