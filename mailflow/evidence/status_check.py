"""The check of the status: words of the job's own cells, counts, colours and marks beside them."""

from mailflow.evidence.apart import is_run
from mailflow.evidence.layout import UNKNOWN, Cell
from mailflow.evidence.legible import too_faint
from mailflow.evidence.naming import is_job, parts_of
from mailflow.evidence.reading import Spot, Words
from mailflow.evidence.runs import is_dot
from mailflow.evidence.scope import Scope
from mailflow.evidence.statuses import (
    Says,
    is_active,
    is_button,
    is_mark,
    is_navigation,
    number,
    sense,
)
from mailflow.evidence.times import Local, moment_in
from mailflow.evidence.verdict import Check, Question
from mailflow.evidence.words import looks_like, normal, same_name
from mailflow.tickets.ticket import Subject

BESIDE = 3.0  # line heights left and right of a status in which a red mark speaks against it
_NOT_STATUS = frozenset(
    {"job", "name", "retailer", "marketplace", "run", "trigger"}
    | {"started", "finished", "when", "next", "last_success", "duration", "plain"}
)
_EMPTY = frozenset({"", "-", "--", "n/a", "\u2014"})
_TICKS = "\u2713\u2714\u2705\u221a\u2611"
_BULLETS = ("\u2022", "\u25cf")
_WARNING = frozenset({"red", "amber"})


def status_check(scope: Scope, question: Question, spots: tuple[Spot, ...], local: Local) -> Check:
    """Check what the job's own row, card or panel says of its newest run."""
    if not scope.cells:
        return Check.unsure("status", "no status of the job's own can be read")
    wanted = _wanted(question)
    good: Cell | None = None
    doubts: list[Cell] = []
    for cell in scope.cells:
        says = _cell_says(cell, scope, question, local)
        if says is Says.TROUBLE or (
            says in (Says.SUCCESS, Says.REMOVED) and says is not wanted and cell.kind != "state"
        ):
            return Check.fails("status", f"status {cell.text}", cell.words.box)
        if says is wanted and (cell.kind in ("status", "state") or (scope.card and not cell.kind)):
            good = good or cell
        elif says is not Says.NOTHING:
            doubts.append(cell)
    if good is not None and not doubts:
        against = _against(good, spots)
        if against:
            return Check.unsure("status", against, good.words.box)
    if good is None and not doubts and wanted is Says.SUCCESS and not _warned(scope, spots):
        return Check.left_open("status", f"no word says that it {_PHRASE[wanted]}")
    return _weighed(good, doubts, scope, wanted)


def _warned(scope: Scope, spots: tuple[Spot, ...]) -> bool:
    """Tell whether trouble is said or drawn beside what belongs to the job: an icon may mean it."""
    if _trouble_elsewhere(scope):
        return True
    lines = [cell.words.box for cell in scope.cells]
    return any(
        spot.colour in _WARNING
        and any(box.top < (spot.box.top + spot.box.bottom) / 2 < box.bottom for box in lines)
        for spot in spots
    )


def _trouble_elsewhere(scope: Scope) -> list[Cell]:
    return [
        c
        for c in scope.elsewhere
        if sense(c.text) is Says.TROUBLE and not (is_button(c.text) or is_run(c.text))
    ]


def _against(good: Cell, spots: tuple[Spot, ...]) -> str:
    """Say what the pixels hold against a word of success; "" for nothing."""
    words = good.words
    if words.first and sense(words.first) is Says.TROUBLE:
        return f'it may say "{words.first}" or "{words.text}"'
    if words.followed:
        return f'something behind "{words.text}" could not be read'
    if words.colour != "green" and _mark_before(words):
        return f'the colour of the mark in "{words.text}" cannot be told'
    if words.colour in _WARNING:
        return f'"{words.text}" is shown in {words.colour}'
    height = words.box.bottom - words.box.top
    for spot in spots:
        level = (
            words.box.top - height / 2
            < (spot.box.top + spot.box.bottom) / 2
            < words.box.bottom + height / 2
        )
        near = (
            words.box.left - BESIDE * height < spot.box.right
            and spot.box.left < words.box.right + BESIDE * height
        )
        if level and near and spot.colour in _WARNING:
            return f'a mark in {spot.colour} stands beside "{words.text}"'
    return ""


def _mark_before(words: Words) -> str:
    """Give the mark before a word that either look read within its line: it is no spot then."""
    shown, first = normal(words.text), normal(words.first)
    if shown.startswith(_BULLETS):
        return shown[0]
    lost = first.removesuffix(shown) if first.endswith(shown) else ""
    return lost.strip(" " + _TICKS)


def _wanted(question: Question) -> Says:
    return Says.REMOVED if question.subject is Subject.REMOVAL else Says.SUCCESS


def _weighed(good: Cell | None, doubts: list[Cell], scope: Scope, wanted: Says) -> Check:
    if doubts:
        return Check.unsure("status", f'"{doubts[0].text}" is not understood', doubts[0].words.box)
    if good is None:
        return Check.unsure("status", f"no word says that it {_PHRASE[wanted]}")
    if too_faint(good):
        return Check.unsure("status", "the status is too small or blurred", good.words.box)
    trouble = _trouble_elsewhere(scope)
    if trouble:
        seen = f'the page also says "{trouble[0].text}"'
        return Check.unsure("status", seen, trouble[0].words.box)
    return Check.passes("status", f"status {good.text}", good.words.box)


_PHRASE = {Says.REMOVED: "was removed", Says.SUCCESS: "succeeded"}


def _cell_says(cell: Cell, scope: Scope, question: Question, local: Local) -> Says:
    text = normal(cell.text)
    if cell.kind == "plain" and sense(text) is Says.TROUBLE:
        return Says.UNCLEAR
    if cell.kind in _NOT_STATUS or text in _EMPTY or is_job(cell.text, question):
        return Says.NOTHING
    if cell.kind in (None, UNKNOWN, "status") and is_dot(cell):
        return Says.NOTHING
    if cell.kind in ("items", "errors"):
        count = number(text)
        if count is None:
            return Says.TROUBLE if sense(text) is Says.TROUBLE else Says.UNCLEAR
        return Says.TROUBLE if (count == 0) == (cell.kind == "items") else Says.NOTHING
    if cell.kind == "state" and is_active(text) and scope.runs:
        return Says.NOTHING
    if cell.kind in (None, UNKNOWN):
        says = _unnamed_says(cell, question, local)
        # "OK" alone on a card is its button: neither a word of success nor a doubt.
        return Says.NOTHING if scope.card and text == "ok" else says
    says = sense(cell.text)
    if says is Says.WEAK_SUCCESS and cell.kind == "status":
        return Says.SUCCESS
    return Says.UNCLEAR if says is Says.NOTHING else says


def _unnamed_says(cell: Cell, question: Question, local: Local) -> Says:
    own = (question.retailer, question.retailer_name, question.marketplace)
    dated = moment_in(cell.text, local) is not None
    named = all(same_name(p, own) or looks_like(p, own) for p in parts_of(cell.text)[1:])
    if (
        is_button(cell.text)
        or is_mark(cell.text)
        or is_navigation(cell.text)
        or same_name(cell.text, own)
        or named
        or (dated and cell.kind == UNKNOWN)
    ):
        return Says.NOTHING
    # A number without a heading may be anything, the failed items too.
    says = sense(cell.text)
    return Says.UNCLEAR if says is Says.NOTHING else says
