"""Judges whether a picture proves what a ticket asks. Where anything is unsure, a person looks."""

import re
from datetime import datetime, timedelta

from mailflow.evidence.layout import UNKNOWN, Cell, page_of
from mailflow.evidence.reading import Reading
from mailflow.evidence.scope import Scope, is_job, scope_of
from mailflow.evidence.statuses import Says, number, sense
from mailflow.evidence.times import Local, Moment, Span, moment_in
from mailflow.evidence.verdict import Check, Question, Verdict
from mailflow.evidence.words import embeds, mentions, normal, same_name
from mailflow.tickets.ticket import Subject

AHEAD = timedelta(minutes=5)  # how far a page's clock may be ahead of ours
SUREST = 0.85  # below this the engine's own word for a deciding cell is not enough
LOWEST_PIXELS = 13.0  # of a deciding line's box; half-size pictures are misread silently
_LEAST_CONFIDENCE = 0.5
_ODD = re.compile(
    r"\b(?:staging|stage|sandbox|uat|pre-?prod(?:uction)?|tests?|testing|testlauf|testsystem"
    r"|testumgebung|dry[ -]?run|probelauf|simulation|dev|development|localhost|127\.0\.0\.1"
    r"|mock-?up|edit mode|preview)\b"
)
_PART = re.compile(r"\b(?:step|schritt|stage|phase|task|teil)\s*\d+|\b(?:steps|schritte|stages)\b")
_QUOTED = re.compile(r"\bwrote\b|\bschrieb\b|^(?:from|von|subject|betreff|to|an|sent)\s*:")
_ACTIVE = frozenset({"active", "running", "enabled", "aktiv", "on", "idle", "ready", "scheduled"})
_NOT_STATUS = frozenset(
    {"job", "name", "retailer", "marketplace", "run", "trigger"}
    | {"started", "finished", "next", "last_success", "duration"}
)
_EMPTY = frozenset({"", "-", "--", "n/a"})


def judge(reading: Reading, question: Question) -> Verdict:
    """Put the question to the picture. Accepted only when every check is."""
    words = tuple(w for w in reading.words if w.confidence >= _LEAST_CONFIDENCE)
    scope = scope_of(page_of(words), question)
    time, finished_at = _time(scope, question)
    checks = (
        _picture(reading, question),
        _reuse(question),
        scope.job,
        _belongs("retailer", (question.retailer, question.retailer_name), scope, question),
        _belongs("marketplace", (question.marketplace,), scope, question),
        _status(scope, question),
        time,
    )
    return Verdict(
        checks=checks,
        job=scope.job.seen if scope.job.passed else "",
        status=next((c.text for c in scope.cells if c.kind == "status"), ""),
        finished_at=finished_at,
    )


def _picture(reading: Reading, question: Question) -> Check:
    if not reading.words:
        return Check.fails("picture", "no text can be read on it")
    if reading.findings:
        return Check.unsure("picture", "; ".join(reading.findings))
    for pattern, why in (
        (_ODD, "it may not be the live system"),
        (_PART, "it may show only a part of a run"),
        (_QUOTED, "it may show a message, not the page itself"),
    ):
        for word in reading.words:
            text = normal(word.text)
            known = is_job(text, question) or same_name(
                text, (question.retailer, question.retailer_name, question.marketplace)
            )
            if pattern.search(text) and not known:
                seen = f'{why}: "{word.text}"'
                return Check.unsure("picture", seen, word.box)
    return Check.passes("picture", f"{reading.width} x {reading.height} pixels")


def _reuse(question: Question) -> Check:
    if question.seen_before:
        tickets = ", ".join(question.seen_before)
        return Check.fails("reuse", f"the same picture was already used for {tickets}")
    return Check.passes("reuse", "not used before")


def _belongs(name: str, wanted: tuple[str, ...], scope: Scope, question: Question) -> Check:
    """Check that the page shows this retailer or marketplace, and no other in its place."""
    named = [cell for cell in scope.cells if cell.kind == name]
    for cell in named:
        if same_name(cell.text, wanted):
            continue
        close = any(mentions(cell.text, own) for own in wanted)
        seen = f"{name} {cell.text} is shown, {wanted[0]} was expected"
        return (Check.unsure if close else Check.fails)(name, seen, cell.box)
    if named:
        return Check.passes(name, named[0].text, named[0].box)
    for cell in (*scope.cells, *scope.elsewhere):
        if same_name(cell.text, wanted):
            return Check.passes(name, cell.text, cell.box)
    if scope.cells and any(embeds(question.job, own) for own in wanted):
        return Check.passes(name, f"part of the job's id {question.job}")
    return Check.unsure(name, f"the {name} is not shown")


def _status(scope: Scope, question: Question) -> Check:
    if not scope.cells:
        return Check.unsure("status", "no status of the job's own can be read")
    wanted = _wanted(question)
    good: Cell | None = None
    doubts: list[Cell] = []
    for cell in scope.cells:
        says = _cell_says(cell, scope, question)
        if says is Says.TROUBLE or (
            says in (Says.SUCCESS, Says.REMOVED) and says is not wanted and cell.kind != "state"
        ):
            return Check.fails("status", f"status {cell.text}", cell.box)
        if says is wanted and cell.kind in ("status", "state"):
            good = good or cell
        elif says is not Says.NOTHING:
            doubts.append(cell)
    return _weighed(good, doubts, scope, wanted)


def _wanted(question: Question) -> Says:
    return Says.REMOVED if question.subject is Subject.REMOVAL else Says.SUCCESS


def _weighed(good: Cell | None, doubts: list[Cell], scope: Scope, wanted: Says) -> Check:
    if doubts:
        return Check.unsure("status", f'"{doubts[0].text}" is not understood', doubts[0].box)
    if good is None:
        return Check.unsure("status", f"no word says that it {_PHRASE[wanted]}")
    if too_faint(good):
        return Check.unsure("status", "the status is too small or blurred", good.box)
    trouble = [c for c in scope.elsewhere if sense(c.text) is Says.TROUBLE]
    if trouble:
        seen = f'the page also says "{trouble[0].text}"'
        return Check.unsure("status", seen, trouble[0].box)
    return Check.passes("status", f"status {good.text}", good.box)


_PHRASE = {Says.REMOVED: "was removed", Says.SUCCESS: "succeeded"}


def _cell_says(cell: Cell, scope: Scope, question: Question) -> Says:
    text = normal(cell.text)
    if cell.kind in _NOT_STATUS or text in _EMPTY or is_job(cell.text, question):
        return Says.NOTHING
    if cell.kind in ("items", "errors"):
        count = number(text)
        if count is None:
            return Says.TROUBLE if sense(text) is Says.TROUBLE else Says.UNCLEAR
        return Says.TROUBLE if (count == 0) == (cell.kind == "items") else Says.NOTHING
    if cell.kind == "state" and text in _ACTIVE and scope.runs:
        return Says.NOTHING
    if cell.kind in (None, UNKNOWN):
        return _unnamed_says(cell, question)
    says = sense(text)
    if says is Says.WEAK_SUCCESS and cell.kind == "status":
        return Says.SUCCESS
    return Says.UNCLEAR if says is Says.NOTHING else says


def _unnamed_says(cell: Cell, question: Question) -> Says:
    own = (question.retailer, question.retailer_name, question.marketplace)
    dated = moment_in(cell.text, _local(question)) is not None
    if same_name(cell.text, own) or (dated and cell.kind == UNKNOWN):
        return Says.NOTHING
    # A number without a heading may be anything, the failed items too.
    says = sense(cell.text)
    return Says.UNCLEAR if says is Says.NOTHING else says


def _local(question: Question) -> Local:
    return Local(question.zone, question.day_first)


def _time(scope: Scope, question: Question) -> tuple[Check, datetime | None]:
    shown = [(cell, _moment(cell, question)) for cell in scope.cells]
    if _ends_before_it_starts(shown):
        return Check.unsure("time", "the run seems to end before it starts"), None
    for kind in ("finished", "started"):
        cells = [(cell, moment) for cell, moment in shown if cell.kind == kind]
        if kind == "finished" and any(moment is None for _, moment in cells):
            cell = next(cell for cell, moment in cells if moment is None)
            return Check.unsure("time", "the time of the end cannot be read", cell.box), None
        timed = [(cell, moment) for cell, moment in cells if moment is not None]
        if timed:
            return _weigh_times(timed, question)
    return Check.unsure("time", "no time of the run can be read"), None


def _ends_before_it_starts(shown: list[tuple[Cell, Moment | None]]) -> bool:
    starts = [s for c, m in shown if m and c.kind == "started" for s in m.readings]
    ends = [s for c, m in shown if m and c.kind == "finished" for s in m.readings]
    return any(end.latest < start.earliest for start in starts for end in ends)


def _moment(cell: Cell, question: Question) -> Moment | None:
    if cell.kind in ("next", "last_success"):
        return None
    return moment_in(cell.text, _local(question))


def _weigh_times(
    timed: list[tuple[Cell, Moment]], question: Question
) -> tuple[Check, datetime | None]:
    earliest: list[datetime] = []
    for cell, moment in timed:
        passed, seen, believed = _weigh(moment, question)
        if passed and too_faint(cell):
            passed, seen = None, "the time is too small or blurred"
        earliest += [span.earliest for span in believed]
        if not passed:
            verdict = Check.unsure if passed is None else Check.fails
            return verdict("time", seen, cell.box), min(earliest, default=None)
    return Check.passes("time", timed[0][1].text, timed[0][0].box), min(earliest)


def _weigh(moment: Moment, question: Question) -> tuple[bool | None, str, tuple[Span, ...]]:
    if moment.relative:
        return None, f'"{moment.text}" depends on when the picture was taken', ()
    if not moment.readings:
        return None, f'the time "{moment.text}" cannot be told for certain', ()
    horizon = question.received_at + AHEAD
    believed = tuple(span for span in moment.readings if span.earliest <= horizon)
    if not believed:
        return False, f"{moment.text} is later than the mail itself", ()
    if all(span.latest <= question.after for span in believed):
        since = question.after.strftime("%Y-%m-%d %H:%M UTC")
        return False, f"{moment.text} is not later than {since}", believed
    if any(span.earliest <= question.after for span in believed):
        return None, f"{moment.text} may be earlier than what must be proven", believed
    return True, moment.text, believed


def too_faint(cell: Cell) -> bool:
    """Tell whether a deciding line is too small or too blurred to be relied on."""
    return cell.height < LOWEST_PIXELS or cell.words.confidence < SUREST
