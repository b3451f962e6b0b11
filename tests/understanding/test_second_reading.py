import pytest

from mailflow.tickets.ticket import Subject
from mailflow.understanding.confirmation.second_reading import Opinion, second_reading
from mailflow.understanding.meaning import Answer, ReplyVerdict

OWN = "We renewed the token yesterday.\nBut my colleague says that orders are still missing."


def verdict(answer: Answer) -> ReplyVerdict:
    confirmed = answer is Answer.CONFIRMED
    return ReplyVerdict(
        answer=answer,
        confirms=Subject.REPAIR if confirmed else None,
        sentence="We renewed the token yesterday." if confirmed else "",
        reasons=(),
        language="en",
    )


def opinion(answer: Answer, quote: str, confirms: Subject | None = None) -> Opinion:
    return Opinion(answer=answer, confirms=confirms, quote=quote, reader="a second reader")


def test_a_confirmation_that_the_other_reader_doubts_becomes_unclear():
    doubt = opinion(Answer.DENIAL, "orders are still missing")

    weighed = second_reading(verdict(Answer.CONFIRMED), doubt, OWN)

    assert weighed.answer is Answer.UNCLEAR
    assert weighed.confirms is None
    assert "orders are still missing" in weighed.reasons[-1]


def test_a_confirmation_of_something_else_is_a_doubt_too():
    other = opinion(Answer.CONFIRMED, "We renewed the token yesterday.", Subject.REMOVAL)
    assert second_reading(verdict(Answer.CONFIRMED), other, OWN).answer is Answer.UNCLEAR


@pytest.mark.parametrize("answer", [a for a in Answer if a is not Answer.CONFIRMED])
def test_no_opinion_ever_confirms(answer: Answer):
    yes = opinion(Answer.CONFIRMED, "We renewed the token yesterday.", Subject.REPAIR)
    assert second_reading(verdict(answer), yes, OWN) == verdict(answer)


def test_an_unclear_reply_is_sorted_for_a_person():
    denial = opinion(Answer.DENIAL, "orders are still missing")

    weighed = second_reading(verdict(Answer.UNCLEAR), denial, OWN)

    assert (weighed.answer, weighed.sentence) == (Answer.DENIAL, "orders are still missing")


def test_a_promise_of_the_other_reader_moves_no_reminder():
    promise = opinion(Answer.PROMISE, "orders are still missing")
    assert second_reading(verdict(Answer.UNCLEAR), promise, OWN) == verdict(Answer.UNCLEAR)


@pytest.mark.parametrize(
    "quote",
    [
        pytest.param("orders are missing", id="words that nobody wrote in this order"),
        pytest.param("", id="nothing"),
        pytest.param("are", id="a word that stands everywhere"),
    ],
)
def test_an_opinion_whose_quote_does_not_stand_in_the_reply_is_none(quote: str):
    doubt = opinion(Answer.DENIAL, quote)
    assert second_reading(verdict(Answer.CONFIRMED), doubt, OWN) == verdict(Answer.CONFIRMED)


def test_line_ends_do_not_break_a_quote():
    doubt = opinion(Answer.DENIAL, "yesterday. But my colleague")
    assert second_reading(verdict(Answer.CONFIRMED), doubt, OWN).answer is Answer.UNCLEAR
