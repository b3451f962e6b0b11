"""An automatic answer says when somebody is back, or it says nothing that can be relied on."""

from datetime import date

import pytest

from mailflow.understanding.absence import read_absence

MONDAY = date(2026, 11, 23)


def back(text: str, subject: str = "") -> date | None:
    found = read_absence(subject, text, written=MONDAY)
    return found.back if found else None


@pytest.mark.parametrize(
    "text",
    [
        "I am out of the office until 4 December 2026.",
        "I'm away until Friday, December 4th.",
        "I am on annual leave from 23 November to 4 December.",
        "I am out of office through 2026-12-04 with no access to mail.",
        "Our shop is closed until 04.12.2026.",
        "Ich bin bis einschließlich Freitag, den 4. Dezember, nicht im Büro.",
        "Ich bin vom 23.11. bis 04.12.2026 im Urlaub.",
        "Je suis absent jusqu'au vendredi 4 décembre inclus.",
        "Je suis en congés du 23 novembre au 4 décembre 2026.",
        "Estaré fuera de la oficina hasta el 4 de diciembre de 2026.",
        "Sono assente dal 23 novembre al 4 dicembre.",
        "Sarò in ferie fino al 4 dicembre 2026.",
        "Ik ben afwezig tot en met vrijdag 4 december.",
        "Jestem na urlopie do 4 grudnia 2026.",
        "Estou de férias até 4 de dezembro.",
        "Thank you for your mail.\nI am on vacation\nuntil 4 December\n2026.\n\nKind regards\nAnna",
    ],
)
def test_the_day_after_the_last_day_away_is_the_day_back(text):
    assert back(text) == date(2026, 12, 5)


@pytest.mark.parametrize(
    "text",
    [
        "I will be back on Monday, 7 December 2026.",
        "I am out of the office until 4 December and will be back on 7 December.",
        "Ab dem 7. Dezember bin ich wieder erreichbar.",
        "Ich bin am 07.12.2026 wieder im Büro.",
        "Je serai de retour le 7 décembre.",
        "Estaré de vuelta el 7 de diciembre.",
        "Rientrerò in ufficio il 7 dicembre 2026.",
        "Vanaf 7 december ben ik weer bereikbaar.",
        "Wracam 7 grudnia.",
        "Voltarei no dia 7 de dezembro.",
        "Bin am 7.12. wieder da.\n\nI will be back on 7 December.",
    ],
)
def test_the_day_back_is_taken_as_it_is_named(text):
    assert back(text) == date(2026, 12, 7)


@pytest.mark.parametrize(
    "text",
    [
        "I am out of the office.",
        "I am away until Monday.",
        "I am away until 04/12/2026.",  # the 4th of December, or the 12th of April
        "I am away until 31 November.",
        "I am out of the office from 4 December.",
        "I am away from 4 December and will be back soon.",
        "I can be reached until 4 December.",
        "Ich bin bis 4. Dezember erreichbar.",
        "Please pay until 4 December. I am out of the office.",
        "I am away until 4 December. Tom is away until 11 December.",
        "I will be back on 7 December or on 9 December. Or I am back on 11 December.",
        "I am away until 4 December 2025.",
        "I am on parental leave until 1 September 2027.",
        "I will be back on 3 December. I am away until 10 December.",
        "The run of 4 December failed.",
        "",
    ],
)
def test_what_has_no_reading_or_two_is_unknown(text):
    assert back(text) is None


def test_a_date_without_a_year_is_the_next_such_day():
    assert back("I am away until 6 January.") == date(2027, 1, 7)


def test_a_day_that_has_one_reading_is_taken_in_any_order():
    assert back("I am away until 12/25/2026.") == date(2026, 12, 26)
    assert back("I am away until 25/12/2026.") == date(2026, 12, 26)


def test_the_subject_may_say_it():
    assert back("", subject="Automatic reply: out of office until 4 Dec") == date(2026, 12, 5)


def test_a_hostile_text_is_read_in_no_time():
    assert back("until 4 " * 50_000) is None
    assert back("I am away until " + "1.1." * 20_000) is None
