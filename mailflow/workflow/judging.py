"""A file that was sent, unfolded, read and judged: the same for the daemon and for people."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from mailflow.evidence.deciding import deciding
from mailflow.evidence.judge import judge
from mailflow.evidence.naming import names_a_job
from mailflow.evidence.reading import Reading
from mailflow.evidence.verdict import Check, Question, Result, Verdict
from mailflow.tickets.errors import GiveUp, TryAgainLater
from mailflow.understanding.pictures import SMALL_AREA
from mailflow.workflow.ports import TYPED, Mark, Picture, PictureReader

_ORDER = (Result.ACCEPTED, Result.UNSURE, Result.REFUSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One picture of a file, with its reading and the verdict on it."""

    picture: Picture
    reading: Reading
    verdict: Verdict
    unrelated: bool = False  # it came in a document that names no job: nobody meant it as evidence


def judge_file(
    pictures: PictureReader,
    content: bytes,
    ask: Callable[[Reading], Question],
    *,
    until: float = math.inf,
) -> Judged:
    """Judge a file by its best picture; what another of its pictures says against it counts.

    `until` is the moment of the monotonic clock after which no further picture of it is begun.

    Raises:
        GiveUp: no picture of it may be decoded; the reason may stand in a mail.
        TryAgainLater: the reader could not be asked.
    """
    judged: list[Judged] = []
    refusal: GiveUp | None = None
    found = pictures.unfold(content)
    unread = 0
    for picture in found:
        if (judged or refusal) and time.monotonic() >= until:
            unread += 1
            continue
        try:
            reading = pictures.read(picture.content)
        except GiveUp as refused:
            refusal = refusal or refused
            continue
        reading = replace(reading, findings=(*reading.findings, *picture.findings))
        question = ask(reading)
        lines = deciding(reading, question)
        reading = pictures.read_again(picture.content, reading, lines)
        verdict = judge(reading, question)
        named = names_a_job((words.text for words in reading.words), question)
        unrelated = _is_paper(picture, reading) and not named
        judged.append(
            Judged(picture=picture, reading=reading, verdict=verdict, unrelated=unrelated)
        )
    if not judged and unread:
        raise TryAgainLater("the file's other pictures are read later")
    if not judged:
        raise refusal or GiveUp("the file holds no picture")
    meant = [one for one in judged if not one.unrelated]
    best = min(meant or judged, key=lambda one: _ORDER.index(one.verdict.result))
    doubted = _doubted(best, [one for one in judged if one is not best])
    return _unfinished(doubted, unread) if unread else doubted


def _is_paper(picture: Picture, reading: Reading) -> bool:
    """Tell a typed page, or the logo on one, from a screenshot inside a document."""
    small = reading.width * reading.height < SMALL_AREA
    return bool(picture.place) and (small or TYPED in picture.findings)


def _unfinished(best: Judged, unread: int) -> Judged:
    """Let a person look where pictures were left unread: one of them may object, or prove it."""
    seen = f"{unread} of its pictures were not read, it took too long"
    checks = tuple(c for c in best.verdict.checks if c.passed is not False)
    return replace(
        best,
        verdict=replace(best.verdict, checks=(*checks, Check.unsure("document", seen))),
    )


def _doubted(best: Judged, others: list[Judged]) -> Judged:
    """Let a person look where one picture shows success and another the job's trouble."""
    if best.verdict.result is not Result.ACCEPTED:
        return best
    for other in others:
        status = check_named(other.verdict, "status")
        job = check_named(other.verdict, "job")
        if not (status and job and job.passed and status.passed is False):
            continue
        seen = f"{other.picture.place or 'another picture'} shows {status.seen}"
        checks = (*best.verdict.checks, Check.unsure("document", seen))
        return replace(best, verdict=replace(best.verdict, checks=checks))
    return best


def check_named(verdict: Verdict, name: str) -> Check | None:
    return next((check for check in verdict.checks if check.name == name), None)


def marks_of(verdict: Verdict) -> tuple[Mark, ...]:
    """Say what to draw: a box for every check that was found somewhere."""
    return tuple(
        Mark(box=c.box, label=f"{c.name}: {'ok' if c.passed else c.seen}", good=bool(c.passed))
        for c in verdict.checks
        if c.box is not None
    )
