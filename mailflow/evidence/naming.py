"""Tells whether a text names the job in question, or another one that is known."""

import re
from collections.abc import Iterable

from mailflow.evidence.layout import kind_of
from mailflow.evidence.verdict import Question
from mailflow.evidence.words import (
    longest_mentioned,
    looks_like,
    mentions,
    normal,
    same_name,
    tokens,
)


def is_job(text: str, question: Question) -> bool:
    """Tell whether a cell is this job's id or name, whole, after a label at most."""
    names = _own_names(question)
    label, colon, value = text.partition(":")
    shown = value if colon and kind_of(label) in ("job", "name") else text
    if same_name(shown, question.other_jobs) and not same_name(shown, names):
        return False
    if same_name(shown, names):
        return True
    return looks_like(shown, names) and not looks_like(shown, question.other_jobs)


def _own_names(question: Question) -> tuple[str, ...]:
    """Give the id, and the name unless another job bears it too."""
    if same_name(question.job_name, question.other_jobs):
        return (question.job,)
    return (question.job, question.job_name)


def is_other(text: str, question: Question) -> bool:
    own = _own_names(question)
    others = [
        name for name in question.other_jobs if not same_name(name, (*own, question.job_name))
    ]
    found = longest_mentioned(text, [*others, *own])
    return found is not None and found in others


def names_a_job(texts: Iterable[str], question: Question) -> bool:
    """Tell whether anything on a page names the job, or another one that is known."""
    names = (question.job, question.job_name, *question.other_jobs)
    return any(mentions(text, name) for text in texts for name in names)


_ID = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)+")
_LEAST_STAMP = 6  # digits behind the job's id that make the number of a run of it


def resembles(text: str, question: Question) -> bool:
    """Tell whether a text is built like the job's id and is not it: a job we do not know."""
    shown, own = normal(text), normal(question.job)
    if not _ID.fullmatch(shown) or is_job(text, question):
        return False
    if shown.startswith(own) and sum(c.isdigit() for c in shown[len(own) :]) >= _LEAST_STAMP:
        return False
    names = (question.retailer, question.retailer_name, question.marketplace)
    if same_name(text, names):
        return False
    return "-_"["_" in own] in shown and bool(set(tokens(shown)) & set(tokens(own)))


_JOINTS = re.compile(r"\s*[·•|,/>\u203a\u00bb]\s*|\s+[Il]\s+|\s*-\s+|\s+-\s*|\s*\.\s+|\s+\.\s*")


def parts_of(text: str) -> tuple[str, ...]:
    """Give the whole text, and the parts of such as "Nordhaus · Kaufwelt DE"."""
    return (text, *_JOINTS.split(text))
