"""What a second reader's opinion may change: it can take a verdict back, never give one."""

from dataclasses import dataclass, replace

from mailflow.tickets.ticket import Subject
from mailflow.understanding.meaning import Answer, ReplyVerdict

_FOR_A_PERSON = frozenset({Answer.QUESTION, Answer.DENIAL, Answer.KEEP_PAUSED})
_LEAST_QUOTE = 8  # characters; a shorter quote stands in nearly every reply


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """How another reader understands a reply, with the words it rests on."""

    answer: Answer
    confirms: Subject | None  # only with CONFIRMED
    quote: str  # must stand in the reply word for word
    reader: str  # who said so, for the record


def wants_second_reading(verdict: ReplyVerdict) -> bool:
    """Say whether another opinion could change anything."""
    return verdict.answer in (Answer.CONFIRMED, Answer.UNCLEAR)


def second_reading(verdict: ReplyVerdict, opinion: Opinion | None, own: str) -> ReplyVerdict:
    """Weigh an opinion on a reply whose own words are `own`.

    A confirmation that the other reader does not share becomes unclear. An unclear reply may be
    sorted for a person. No opinion, or one that rests on words nobody wrote, changes nothing.
    """
    if opinion is None or not _is_quoted(opinion.quote, own):
        return verdict
    if verdict.answer is Answer.CONFIRMED:
        if (opinion.answer, opinion.confirms) == (Answer.CONFIRMED, verdict.confirms):
            return verdict
        doubt = f"{opinion.reader} reads it as {opinion.answer}: {opinion.quote}"
        return replace(
            verdict, answer=Answer.UNCLEAR, confirms=None, reasons=(*verdict.reasons, doubt)
        )
    if verdict.answer is Answer.UNCLEAR and opinion.answer in _FOR_A_PERSON:
        sorted_as = f"sorted by {opinion.reader}"
        return replace(
            verdict,
            answer=opinion.answer,
            sentence=opinion.quote,
            reasons=(*verdict.reasons, sorted_as),
        )
    return verdict


def _is_quoted(quote: str, own: str) -> bool:
    """Do these words stand in the reply? Line ends and runs of spaces do not matter."""
    words = " ".join(quote.split())
    if words == " ".join(own.split()):
        return bool(words)
    return len(words) >= _LEAST_QUOTE and words in " ".join(own.split())
