"""Finds the lines on which a verdict rests: they are worth a second, better look."""

from difflib import SequenceMatcher

from mailflow.evidence.apart import apart
from mailflow.evidence.finding import scope_of
from mailflow.evidence.layout import page_of
from mailflow.evidence.naming import is_job
from mailflow.evidence.reading import Reading, Words
from mailflow.evidence.times import local_of
from mailflow.evidence.verdict import Question
from mailflow.evidence.words import fold, skeleton

MOST = 18
_MOST_FAINT = 6
_ALIKE = 0.75  # of a line and the job: it may be the job, misread
_FAINT = 0.85


def deciding(reading: Reading, question: Question) -> tuple[Words, ...]:
    """Give lines not looked at twice yet, the weightiest first, at most `MOST`."""
    page = page_of(apart(reading.words, question))
    local = local_of((w.text for w in reading.words), question.zone, day_first=question.day_first)
    boxes = {cell.words.box for cell in scope_of(page, question, local).cells}
    own = [w for w in reading.words if w.box in boxes]
    named = [w for w in reading.words if is_job(w.text, question) or _alike(w.text, question)]
    unknown = [c.words for table in page.tables for c in table.heading if c.kind is None]
    faint = [w for w in reading.words if w.confidence < _FAINT and len(fold(w.text)) > 1]
    wanted = (*named, *own, *unknown, *faint[:_MOST_FAINT])
    return tuple(words for words in dict.fromkeys(wanted) if not words.first)[:MOST]


def _alike(text: str, question: Question) -> bool:
    shown = skeleton(text)
    names = {skeleton(question.job), skeleton(question.job_name)}
    return any(
        name in shown or SequenceMatcher(None, shown, name).ratio() >= _ALIKE
        for name in names
        if name
    )
