"""Tells whether a text names the job in question, or another one that is known."""

import re

from mailflow.evidence.layout import kind_of
from mailflow.evidence.verdict import Question
from mailflow.evidence.words import longest_mentioned, looks_like, same_name


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


_JOINTS = re.compile(r"\s*[·•|,/]\s*|\s*-\s+|\s+-\s*|\s*\.\s+|\s+\.\s*")


def parts_of(text: str) -> tuple[str, ...]:
    """Give the whole text, and the parts of such as "Nordhaus · Kaufwelt DE"."""
    return (text, *_JOINTS.split(text))
