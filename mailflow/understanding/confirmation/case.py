"""What a text may confirm, and everything in it that speaks against that."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum

from mailflow.tickets.ticket import Subject
from mailflow.understanding.confirmation.asked import Asked
from mailflow.understanding.confirmation.events import Event, Findings
from mailflow.understanding.confirmation.lexicon import OTHERS, OURS, Lexicon, common_words

_SIGNED = re.compile(  # a name below the text: nothing but words with a capital
    r"(?:(?:[A-Z\u00c0-\u00de][\w.'-]*|&|de|da|van|von)[,\s]*){1,5}", re.UNICODE
)
_SHORT_QUESTION = 3  # words; "or not?" takes back, a longer one asks for something more
_UNDOING = ("partial", "keep_paused", "denial", "trouble", "doubt", "retraction")
_MARKS = (
    "negation", "hedge", "future", "contrast_after", "doubt", "hearsay", "condition", "elsewhere",
    "gone",
)  # fmt: skip
_OUTLOOK = frozenset(
    {"hedge", "condition"}
)  # "it should work now", "could you look whether it does"
_POLITELY = frozenset({"future", "condition"})  # "please tell us if you need more"


class Against(IntEnum):
    """How much speaks against a confirmation."""

    NOTHING = 0
    MILD = 1
    GRAVE = 2
    MUCH = 3


_WEIGHTS = {
    "gone": Against.MILD,
    "negation": Against.GRAVE,
    "future": Against.GRAVE,
    "condition": Against.GRAVE,
    "elsewhere": Against.GRAVE,
}  # of a mark; every other one weighs much


@dataclass(frozen=True, slots=True)
class Danger:
    """Something that speaks against a confirmation."""

    what: str
    weight: Against
    where: str = ""  # the sentence, as written

    def __str__(self) -> str:
        return f"{self.what} in {self.where!r}" if self.where else self.what


@dataclass(frozen=True, slots=True)
class Reading:
    """A text as far as it was understood."""

    found: Findings
    lexicon: Lexicon
    asked: Asked


@dataclass(frozen=True, slots=True)
class Case:
    """A text that may confirm: its evidence, and what speaks against it, the worst first."""

    told: Event
    subject: Subject
    dangers: tuple[Danger, ...]
    half: bool = False  # of a removal: "we have left" or "please remove it", not both

    @property
    def against(self) -> Against:
        return max((danger.weight for danger in self.dangers), default=Against.NOTHING)


def case_of(reading: Reading) -> Case | None:
    """Say what a text may confirm; None: it holds no evidence."""
    asked = reading.asked.subject is Subject.REMOVAL
    removal = _removal(reading.found, reading.lexicon, may_be_half=asked)
    return removal or _change(reading.found, reading.lexicon)


def _case(told: Event, subject: Subject, dangers: Iterable[Danger], *, half: bool = False) -> Case:
    once = dict.fromkeys(dangers)
    worst_first = sorted(once, key=lambda one: one.weight, reverse=True)
    return Case(told, subject, tuple(worst_first), half)


def _removal(found: Findings, lexicon: Lexicon, *, may_be_half: bool) -> Case | None:
    left = [e for e in found.left if not e.doubts and _is_about_selling(found, e, lexicon)]
    wanted = [e for e in found.request if not e.doubts]
    half = not (left and wanted)
    if half and not (may_be_half and (left or wanted)):
        return None
    dangers = [
        *_undoing(found, without=("do_it",)),
        *(
            _much(found, _named(event), event.sentence)
            for event in (*found.left, *found.request)
            if event.doubts
        ),
        *(
            _much(found, "a contrast", event.sentence)
            for event in left
            if _turns_after(found, event, wanted, lexicon)
        ),
        *_marks(found, lexicon, removal=True),
        *_unread(found),
    ]
    return _case((*wanted, *left)[0], Subject.REMOVAL, dangers, half=half)


def _is_about_selling(found: Findings, event: Event, lexicon: Lexicon) -> bool:
    """A bare "we left" needs the account, the selling or a marketplace in its sentence."""
    text = found.texts[event.sentence]
    return bool(lexicon.selling.search(text) or OURS in text or OTHERS in text)


def _change(found: Findings, lexicon: Lexicon) -> Case | None:
    if not (found.clean or found.weak):
        return None
    whole = [e for e in found.clean if not any(_overlap(e, other) for other in found.doubted)]
    evidence = whole or found.clean or found.weak
    dangers = [
        *_undoing(found),
        *_of_the_evidence(found, evidence, lexicon),
        *_afterthoughts(found),
        *_marks(found, lexicon, removal=False),
    ]
    if found.clean and not whole:
        dangers.append(Danger("the same words read as doubtful too", Against.MUCH))
    if any(not e.doubts and OURS in found.texts[e.sentence] for e in found.left):
        dangers.append(Danger("it also says that the marketplace was left", Against.MUCH))
    if not found.clean:
        last = max(event.sentence for event in evidence)
        dangers.append(_danger(found, "a verb that may mean something else", last, Against.MILD))
    return _case(evidence[0], Subject.REPAIR, dangers)


def _of_the_evidence(
    found: Findings, evidence: Sequence[Event], lexicon: Lexicon
) -> Iterator[Danger]:
    """Name the doubts of the acts themselves, and every "but" behind them."""
    for event in found.doubted:
        if {"negation", "condition"} & set(event.doubts):
            what = _named(event)
            yield _danger(found, what, event.sentence, _WEIGHTS.get(what, Against.MUCH))
    for event in evidence:
        if _turns_after(found, event, evidence, lexicon):
            yield _much(found, "a contrast", event.sentence)
    turn = re.compile(rf"(?:and |so |then )?(?:{lexicon.doubts['contrast_after'].pattern})")
    for number in range(max(event.sentence for event in evidence) + 1, len(found.texts)):
        if turn.match(found.texts[number]):
            yield _much(found, "a contrast", number)


def _afterthoughts(found: Findings) -> Iterator[Danger]:
    """Name what was added below, unless it says the thing once more or is mere courtesy."""
    told = {event.sentence for event in found.clean}
    for number, text in enumerate(found.texts):
        added = number not in told and common_words().afterthought.search(text)
        if added and not common_words().benign.search(text):
            yield _much(found, "an afterthought", number)


def _overlap(one: Event, other: Event) -> bool:
    same = one.sentence == other.sentence
    return same and other.start < one.end and one.start < other.end


def _turns_after(found: Findings, event: Event, fellows: Sequence[Event], lexicon: Lexicon) -> bool:
    """Is there a "but" behind it that no further evidence follows?"""
    text = found.texts[event.sentence]
    turn = lexicon.doubts["contrast_after"].search(text, event.end)
    return turn is not None and not any(
        other.sentence == event.sentence and other.start >= turn.start() for other in fellows
    )


def _undoing(found: Findings, without: tuple[str, ...] = ()) -> Iterator[Danger]:
    """Name what speaks against any confirmation, wherever it stands in the text."""
    for name in (*_UNDOING, "do_it"):
        if name not in without:
            yield from (_much(found, name, number) for number in found.flags.get(name, ()))
    if any(OTHERS in text for text in found.texts) and not any(OURS in t for t in found.texts):
        yield Danger("only another marketplace is named", Against.MUCH)


def _unread(found: Findings) -> Iterator[Danger]:
    """Name every sentence that is neither evidence nor politeness."""
    events = (*found.clean, *found.left, *found.request)
    told = {event.sentence for event in events if not event.doubts}
    for number, text in enumerate(found.texts):
        written = found.sentences[number].written
        signed = number > max(told, default=0) and _SIGNED.fullmatch(written)
        if not (number in told or signed or common_words().benign.search(text)):
            yield _danger(found, "words that no list holds", number, Against.MILD)


def _marks(found: Findings, lexicon: Lexicon, *, removal: bool) -> Iterator[Danger]:
    """Look through every sentence once more for any mark of doubt that nothing explains."""
    acts = (*found.clean, *found.weak)
    acted = max((event.sentence for event in acts), default=len(found.texts))
    for number, text in enumerate(found.texts):
        rest = lexicon.no_doubt.sub(" ", _beside_the_removal(found, number) if removal else text)
        if removal:
            rest = lexicon.no_doubt_in_removal.sub(" ", rest)
        polite = common_words().benign.search(text) is not None
        after = number > acted and not removal
        for name in _MARKS:
            if lexicon.doubts[name].search(rest) and not (polite and name in _POLITELY):
                mild = after and (name in _OUTLOOK or (polite and name == "negation"))
                usual = _WEIGHTS.get(name, Against.MUCH)
                yield _danger(found, name, number, Against.MILD if mild else usual)
        if OTHERS in text:
            yield _much(found, "another marketplace", number)
        if found.questions[number] and not polite:
            mild = after and len(text.split()) > _SHORT_QUESTION
            yield _danger(found, "question", number, Against.MILD if mild else Against.MUCH)


def _beside_the_removal(found: Findings, number: int) -> str:
    """Give a sentence without what says "we no longer sell" or "it may be removed" in it.

    Those words deny and lie ahead by nature, and were weighed when they were found.
    """
    text = found.texts[number]
    for event in (*found.left, *found.request):
        if event.sentence == number and not event.doubts:
            blank = "_" * (event.end - event.start)
            text = f"{text[: event.start]}{blank}{text[event.end :]}"
    return text


def _named(event: Event) -> str:
    return " and ".join(event.doubts)


def _much(found: Findings, what: str, sentence: int) -> Danger:
    return _danger(found, what, sentence, Against.MUCH)


def _danger(found: Findings, what: str, sentence: int, weight: Against) -> Danger:
    return Danger(what, weight, found.sentences[sentence].written)
