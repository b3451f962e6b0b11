"""Tells whether a picture shows a run that an earlier picture of the same job has shown already.

Hashes cannot: two honest runs of one dashboard look more alike than a picture and its own crop. So
what the job's own row or panel says is compared: a copy, however recompressed, cropped or scaled,
says the same; an honest new run ended at another time and differs in what a run brings with it.
"""

from dataclasses import dataclass

from mailflow.evidence.apart import apart
from mailflow.evidence.finding import scope_of
from mailflow.evidence.layout import page_of
from mailflow.evidence.reading import Reading
from mailflow.evidence.scope import Scope
from mailflow.evidence.times import Local, Span, moment_in
from mailflow.evidence.verdict import Check, Question
from mailflow.evidence.words import fold, mentions

_FEWEST_SHARED = 4  # facts that an honest page of another job would not share
_MOST_REPAINTED = 2  # facts that differ all the same
_FEWEST = 2  # facts beside the time of the end that a new run would have changed


@dataclass(frozen=True, slots=True)
class _Run:
    """What a picture says of one run of the job."""

    run: str
    started: tuple[Span, ...]
    finished: tuple[Span, ...]
    items: str
    rest: frozenset[str]  # every other text with a digit: other rows, counts, the next run


def reuse_check(reading: Reading, scope: Scope, question: Question, local: Local) -> Check:
    """Check that neither the picture nor the run on it was used before."""
    if question.seen_before:
        tickets = ", ".join(question.seen_before)
        return Check.fails("reuse", f"the same picture was already used for {tickets}")
    now = _run_of(reading, scope, local)
    doubts: list[str] = []
    for earlier in question.earlier:
        before = _earlier_run(earlier.reading, question, local)
        if _is_same_run(now, before) and earlier.ticket != question.ticket:
            return Check.fails("reuse", f"this run was already shown for {earlier.ticket}")
        if _is_repainted(now, before):
            seen = f"the run on the picture for {earlier.ticket} is said to have ended twice"
            # On one ticket the earlier picture may have been the poorer one, and misread.
            own = earlier.ticket == question.ticket
            return Check.unsure("reuse", seen) if own else Check.fails("reuse", seen)
        if _may_be_repainted(now, before):
            doubts.append(earlier.ticket)
    doubts += [a.ticket for a in question.alike if _says_the_same(reading, a.reading, question)]
    if doubts:
        seen = f"hardly anything differs from the picture for {doubts[0]}"
        return Check.unsure("reuse", seen)
    return Check.passes("reuse", "not used before")


def _earlier_run(reading: Reading, question: Question, local: Local) -> _Run:
    page = page_of(apart(reading.words, question))
    return _run_of(reading, scope_of(page, question, local), local)


def _is_same_run(now: _Run, before: _Run) -> bool:
    if not (now.finished and now.finished == before.finished):
        return False
    return not (now.run and before.run and now.run != before.run)


def _is_repainted(now: _Run, before: _Run) -> bool:
    """Tell whether one run is said to have ended twice."""
    if not now.finished or not before.finished or now.finished == before.finished:
        return False
    same_run = bool(now.run) and now.run == before.run
    same_start = bool(now.started) and now.started == before.started
    return same_run or same_start


def _may_be_repainted(now: _Run, before: _Run) -> bool:
    if not now.finished or not before.finished or now.finished == before.finished:
        return False
    others = now.rest | ({now.items} if now.items else set())
    known = before.rest | ({before.items} if before.items else set())
    return len(others) >= _FEWEST and others <= known


def _says_the_same(now: Reading, before: Reading, question: Question) -> bool:
    """Tell whether two pictures of two jobs say the same but for the job and a time or two."""
    own = (question.job, question.job_name)
    facts, known = _facts(now, own), _facts(before, own)
    return len(facts & known) >= _FEWEST_SHARED and len(facts - known) <= _MOST_REPAINTED


def _facts(reading: Reading, own: tuple[str, ...]) -> frozenset[str]:
    return frozenset(
        fold(words.text)
        for words in reading.words
        if sum(c.isdigit() for c in words.text) > 1
        and not any(mentions(words.text, name) for name in own)
    )


def _run_of(reading: Reading, scope: Scope, local: Local) -> _Run:
    said: dict[str, str] = {}
    for cell in scope.cells:
        if cell.kind is not None:
            said.setdefault(cell.kind, cell.text)
    own = {fold(text) for text in said.values()}
    rest = frozenset(
        folded
        for words in reading.words
        if any(c.isdigit() for c in words.text)
        and (folded := fold(words.text)) not in own
        and not any(fact in folded for fact in own if fact)
    )
    return _Run(
        run=fold(said.get("run", "")),
        started=_spans(said.get("started", ""), local),
        finished=_spans(said.get("finished", ""), local),
        items=fold(said.get("items", "")),
        rest=rest,
    )


def _spans(text: str, local: Local) -> tuple[Span, ...]:
    moment = moment_in(text, local) if text else None
    return moment.readings if moment else ()
