"""Judges whether a picture proves what a ticket asks. Where anything is unsure, a person looks."""

import re

from mailflow.evidence.apart import apart, is_run
from mailflow.evidence.finding import scope_of
from mailflow.evidence.layout import page_of
from mailflow.evidence.lexicon import any_of
from mailflow.evidence.menus import is_menu_item
from mailflow.evidence.naming import is_job, is_other, parts_of, resembles
from mailflow.evidence.reading import Reading
from mailflow.evidence.reuse import reuse_check
from mailflow.evidence.scope import Scope
from mailflow.evidence.status_check import status_check
from mailflow.evidence.statuses import is_navigation
from mailflow.evidence.time_check import ended_within, time_check
from mailflow.evidence.times import local_of, times_in
from mailflow.evidence.verdict import Check, Question, Verdict
from mailflow.evidence.words import (
    embeds,
    fold,
    looks_like,
    mentions,
    nearly_same,
    normal,
    same_name,
)

_LEAST_CONFIDENCE = 0.5


def judge(reading: Reading, question: Question) -> Verdict:
    """Put the question to the picture. Accepted only when every check is."""
    words = tuple(w for w in reading.words if w.confidence >= _LEAST_CONFIDENCE)
    local = local_of((w.text for w in words), question.zone, day_first=question.day_first)
    scope = scope_of(page_of(apart(words, question)), question, local)
    time, finished_at = time_check(scope, question, local)
    checks = (
        _picture(reading, question),
        reuse_check(reading, scope, question, local),
        scope.job,
        _belongs("retailer", (question.retailer, question.retailer_name), scope, question),
        _belongs("marketplace", (question.marketplace,), scope, question),
        status_check(scope, question, reading.spots, local),
        time,
    )
    return Verdict(
        checks=checks,
        job=scope.job.seen if scope.job.passed else "",
        status=next((c.text for c in scope.cells if c.kind == "status"), ""),
        finished_at=finished_at,
        run=next((c.text for c in scope.cells if c.kind == "run"), ""),
        within=ended_within(scope, question, local),
    )


def _picture(reading: Reading, question: Question) -> Check:
    if not reading.words:
        return Check.fails("picture", "no text can be read on it")
    if reading.findings:
        return Check.unsure("picture", "; ".join(reading.findings))
    for pattern, why in (
        (any_of("odd"), "it may not be the live system"),
        (any_of("preview"), "it may not be the live system"),
        (any_of("part"), "it may show only a part of a run"),
        (any_of("quoted"), "it may show a message, not the page itself"),
    ):
        for word in reading.words:
            text = normal(word.text)
            known = is_job(text, question) or same_name(
                text, (question.retailer, question.retailer_name, question.marketplace)
            )
            if pattern.search(text) and not known and not is_menu_item(word, reading.words):
                seen = f'{why}: "{word.text}"'
                return Check.unsure("picture", seen, word.box)
    return Check.passes("picture", f"{reading.width} x {reading.height} pixels")


def _belongs(name: str, wanted: tuple[str, ...], scope: Scope, question: Question) -> Check:
    """Check that the page shows this retailer or marketplace, and no other in its place."""
    named = [cell for cell in scope.cells if cell.kind == name]
    for cell in named:
        if same_name(cell.text, (*wanted, *_together(question, wanted))):
            continue
        # Below a heading that is none stands what is no name at all.
        close = any(mentions(cell.text, own) or nearly_same(cell.text, own) for own in wanted)
        close = close or _is_no_name(cell.text, question)
        seen = f"{name} {cell.text} is shown, {wanted[0]} was expected"
        return (Check.unsure if close else Check.fails)(name, seen, cell.words.box)
    if named:
        return Check.passes(name, named[0].text, named[0].words.box)
    for cell in (*scope.cells, *scope.elsewhere, *scope.above):
        pair = same_name(cell.text, _together(question, wanted))
        if (
            pair
            or _is_path(cell.text, question)
            or any(same_name(p, wanted) or looks_like(p, wanted) for p in parts_of(cell.text))
        ):
            return Check.passes(name, cell.text, cell.words.box)
    if scope.cells and any(embeds(question.job, own) for own in wanted):
        return Check.passes(name, f"part of the job's id {question.job}")
    return Check.unsure(name, f"the {name} is not shown")


def _is_path(text: str, question: Question) -> bool:
    """Tell whether it names both one behind the other among pages and the job: marks are lost."""
    shown, job = fold(text), fold(question.job)
    for pair in _together(question, (question.retailer, question.retailer_name)):
        before, found, behind = shown.partition(fold(pair))
        rest = re.sub(rf"{job}\d{{0,6}}$", "", behind)
        if found and all(not part or is_navigation(part) for part in (before, rest)):
            return True
    return False


def _is_no_name(text: str, question: Question) -> bool:
    known = is_job(text, question) or is_other(text, question) or resembles(text, question)
    return known or is_run(text) or bool(times_in(text))


def _together(question: Question, wanted: tuple[str, ...]) -> tuple[str, ...]:
    """Give what two neighbouring cells read as one say, such as "Nordhaus Kaufwelt DE"."""
    own = (question.retailer, question.retailer_name, question.marketplace)
    return tuple(f"{one} {two}" for one in own for two in own if {one, two} & set(wanted))
