"""The learned reader: what it is shown, and what it leaves unread."""

from dataclasses import replace

import pytest

from mailflow.tickets.ticket import Subject
from mailflow.understanding.confirmation import Asked, Topic
from mailflow.understanding.confirmation.reader import UNREAD, impression, question_and

ASKED = Asked(
    ticket="MF-1",
    marketplace="Bazaro",
    subject=Subject.REPAIR,
    language="en",
    all_marketplaces=("Bazaro", "Marktly"),
    topic=Topic.TOKEN,
)


def test_it_is_shown_the_question_and_two_names_for_all_marketplaces() -> None:
    told = question_and("The BAZARO token is\nrenewed, the one of Marktly is not.", ASKED)
    assert told == "query: renew token: The eBay token is renewed, the one of Zalando is not."


@pytest.mark.parametrize("name", ["eBay", "Zalando", "Mein Markt 24"])
def test_a_marketplace_may_have_any_name(name: str) -> None:
    asked = replace(ASKED, marketplace=name, all_marketplaces=(name, "Marktly"))
    told = question_and(f"We renewed the token of {name}.", asked)
    assert told.endswith("We renewed the token of eBay.")
    assert question_and("It was for Marktly.", asked).endswith("It was for Zalando.")


def test_an_answer_that_is_too_long_is_not_read_in_part() -> None:
    words = "We renewed the token. "
    assert impression(words * 20, ASKED) != UNREAD
    assert impression(words * 100, ASKED) == UNREAD


def test_the_same_words_about_another_marketplace_read_less_like_a_confirmation() -> None:
    ours = impression("We have renewed the token for Bazaro and saved it in the portal.", ASKED)
    other = impression("We have renewed the token for Marktly and saved it in the portal.", ASKED)
    assert ours.clear > 0 > other.clear


def test_it_tells_what_an_answer_is_that_confirms_nothing() -> None:
    promise = impression("We will renew the token tomorrow.", ASKED)
    assert promise.clear < 0
    assert (promise.intent, promise.share > 0.5) == ("promise", True)
