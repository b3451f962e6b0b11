"""The check of the time: the newest run must have ended after what must be proven."""

from datetime import datetime, timedelta

from mailflow.evidence.layout import Cell
from mailflow.evidence.legible import too_faint
from mailflow.evidence.scope import Scope
from mailflow.evidence.times import Local, Moment, Span, meant_by, moment_in
from mailflow.evidence.verdict import Check, Question

_DEPENDS = "depends on when the picture was taken"
AHEAD = timedelta(minutes=5)  # how far a page's clock may be ahead of ours


def time_check(scope: Scope, question: Question, local: Local) -> tuple[Check, datetime | None]:
    """Check when the newest run ended; give the earliest moment that can mean, too."""
    shown = [(cell, _moment(cell, local)) for cell in scope.cells]
    if _ends_before_it_starts(shown):
        return Check.unsure("time", "the run seems to end before it starts"), None
    for kind in ("finished", "when", "started"):
        cells = [(cell, moment) for cell, moment in shown if cell.kind == kind]
        if kind == "finished" and any(moment is None for _, moment in cells):
            cell = next(cell for cell, moment in cells if moment is None)
            return Check.unsure("time", "the time of the end cannot be read", cell.words.box), None
        timed = [(cell, moment) for cell, moment in cells if moment is not None]
        if timed:
            return _weigh_times(timed, question, local)
    return Check.unsure("time", "no time of the run can be read"), None


def ended_within(scope: Scope, question: Question, local: Local) -> Span | None:
    """Give when the run ended that the picture dates by the time that has passed since."""
    ends = [_moment(c, local) for c in scope.cells if c.kind in ("finished", "when")]
    spans = [meant_by(m, question.received_at, local) for m in ends if m and m.relative]
    return spans[0] if len(spans) == 1 else None


def _ends_before_it_starts(shown: list[tuple[Cell, Moment | None]]) -> bool:
    starts = [s for c, m in shown if m and c.kind == "started" for s in m.readings]
    ends = [s for c, m in shown if m and c.kind == "finished" for s in m.readings]
    pairs = [(start, end) for start in starts for end in ends]
    return bool(pairs) and all(end.latest < start.earliest for start, end in pairs)


def _moment(cell: Cell, local: Local) -> Moment | None:
    if cell.kind in ("next", "last_success"):
        return None
    return moment_in(cell.text, local)


def _weigh_times(
    timed: list[tuple[Cell, Moment]], question: Question, local: Local
) -> tuple[Check, datetime | None]:
    earliest: list[datetime] = []
    for cell, moment in timed:
        passed, seen, believed = _weigh(moment, question)
        if passed and _disputed(cell, moment, local):
            passed, seen = None, f'it may say "{cell.words.first}" or "{cell.words.text}"'
        if passed and too_faint(cell):
            passed, seen = None, "the time is too small or blurred"
        earliest += [span.earliest for span in believed]
        if not passed:
            verdict = Check.unsure if passed is None else Check.fails
            if passed is None and seen.endswith(_DEPENDS) and not too_faint(cell):
                verdict = Check.left_open
            return verdict("time", seen, cell.words.box), min(earliest, default=None)
    return Check.passes("time", timed[0][1].text, timed[0][0].words.box), min(earliest)


def _disputed(cell: Cell, moment: Moment, local: Local) -> bool:
    """Tell whether the quick look had read another time there."""
    if not cell.words.first:
        return False
    other = moment_in(cell.words.first, local)
    return other is not None and bool(other.readings) and other.readings != moment.readings


def _weigh(moment: Moment, question: Question) -> tuple[bool | None, str, tuple[Span, ...]]:
    if moment.relative:
        if moment.back and question.received_at - moment.back <= question.after:
            return False, f'"{moment.text}" in this mail is before what must be proven', ()
        return None, f'"{moment.text}" {_DEPENDS}', ()
    if not moment.readings:
        return None, f'the time "{moment.text}" cannot be told for certain', ()
    horizon = question.received_at + AHEAD
    believed = tuple(span for span in moment.readings if span.earliest <= horizon)
    if not believed:
        return False, f"{moment.text} is later than the mail itself", ()
    if all(span.latest <= question.after for span in believed):
        since = question.after.strftime("%Y-%m-%d %H:%M:%S UTC")
        return False, f"{moment.text} is not later than {since}", believed
    if any(span.earliest <= question.after for span in believed):
        return None, f"{moment.text} may be earlier than what must be proven", believed
    return True, moment.text, believed
