"""Judge a retailer's own words: evidence, nothing against it, and a learned reader that agrees."""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from mailflow.tickets.ticket import Subject
from mailflow.understanding.confirmation.asked import Asked
from mailflow.understanding.confirmation.closed import judge_closed
from mailflow.understanding.confirmation.events import Event, Findings, find_events
from mailflow.understanding.confirmation.lexicon import (
    OTHERS,
    OURS,
    Lexicon,
    common_words,
    shipped_lexicons,
)
from mailflow.understanding.confirmation.names import names_replaced
from mailflow.understanding.confirmation.reader import score, strange_words
from mailflow.understanding.confirmation.text import (
    MAX_CHARS,
    sentences_of,
    without_citations,
)
from mailflow.understanding.meaning import Answer, ReplyVerdict


class Against(Enum):
    """How much stands against the evidence that a text holds."""

    NOTHING = 0
    MILD = 1
    GRAVE = 2


# How sure the reader has to be, by what stands against the evidence and by how many words are
# strange to it, from none upwards. Chosen on hands that it had not learned from.
NEVER = math.inf
SURE_OF_CHANGE = {
    Against.NOTHING: (-0.5, 1.0, 1.5, 2.5),
    Against.MILD: (1.0, 1.5, 2.0, 3.0),
    Against.GRAVE: (NEVER, NEVER, 2.5, 3.0),
}
SURE_OF_REMOVAL = 1.0  # and nothing may stand against it
_MILD = ("gone", "mild", "it may mean something else")
_GRAVE = ("negation", "future", "condition", "elsewhere")  # every other danger undoes a change
_SIGNED = re.compile(  # a name below the text: nothing but words with a capital
    r"(?:(?:[A-Z\u00c0-\u00de][\w.'-]*|&|de|da|van|von)[,\s]*){1,5}", re.UNICODE
)
_SHORT_QUESTION = 3  # words; "or not?" takes back, a longer one asks for something more
_MANY_WORDS = 6  # a text this long without one known function word is in an unknown language
_UNDONE_BY = ("partial", "keep_paused", "denial", "trouble", "doubt", "retraction")
_DANGERS = (
    "negation", "hedge", "future", "contrast_after", "doubt", "hearsay", "condition", "elsewhere",
    "gone",
)  # fmt: skip
_OUTLOOK = frozenset(
    {"hedge", "condition"}
)  # "it should work now", "could you look whether it does"
_POLITELY = frozenset({"future", "condition"})  # "please tell us if you need more"
_CLASSES = (
    ("denial", Answer.DENIAL),
    ("keep_paused", Answer.KEEP_PAUSED),
    ("reactivate", Answer.DENIAL),
    ("partial", Answer.PARTIAL),
    ("trouble", Answer.TROUBLE),
    ("delegation", Answer.DELEGATED),
)
_CLASS_OF_DOUBT = (
    ("negation", Answer.DENIAL),
    ("condition", Answer.PROMISE),
    ("future", Answer.PROMISE),
    ("question", Answer.QUESTION),
)


@dataclass(frozen=True, slots=True)
class Reading:
    """A text as far as it was understood."""

    found: Findings
    lexicon: Lexicon
    asked: Asked


@dataclass(frozen=True, slots=True)
class Case:
    """A text that may confirm: its evidence, and what speaks against it."""

    told: Event
    subject: Subject
    undone_by: tuple[str, ...]  # with any of these it confirms nothing
    grave: tuple[str, ...] = ()  # with any of these the learned reader has to be very sure
    mild: tuple[str, ...] = ()  # with any of these, surer

    @property
    def against(self) -> Against:
        if self.grave:
            return Against.GRAVE
        return Against.MILD if self.mild else Against.NOTHING


def judge(own_text: str, asked: Asked) -> ReplyVerdict:
    """Judge an answer. CONFIRMED needs evidence that nothing in the text undoes."""
    reading = read(own_text, asked)
    if isinstance(reading, ReplyVerdict):
        return reading
    case = case_of(reading)
    likely = score(reading.found, reading.lexicon, asked)
    if case is None:
        if likely > 0:  # no phrase says so, but it must not be sorted as a no either
            return _verdict(Answer.UNCLEAR, "it reads like a confirmation", lexicon=reading.lexicon)
        return _something_else(reading.found, reading.lexicon)
    strange = strange_words(reading.found, reading.lexicon)
    return _decided(case, reading, likely - needed(case, strange))


def read(own_text: str, asked: Asked) -> Reading | ReplyVerdict:
    """Look for all that the lexicon knows; a verdict where there is nothing to look for."""
    if len(own_text) > MAX_CHARS:
        return _verdict(Answer.UNCLEAR, "too long to be unmistakable")
    closed = judge_closed(own_text, asked)
    if closed:
        return closed
    own = without_citations(own_text)
    sentences = sentences_of(own)
    lexicons = shipped_lexicons()
    whole = " ".join(sentence.folded for sentence in sentences)
    lexicon = _lexicon_for(whole, asked.language)
    if lexicon is None:
        return _verdict(Answer.UNCLEAR, "no full lexicon of this language")
    if any(one.automatic.search(whole) for one in lexicons.values()):
        return _verdict(Answer.AUTOMATIC, "an automatic text", lexicon=lexicon)
    if not whole or lexicon.bare.match(whole) or lexicon.thanks.match(whole):
        return _verdict(Answer.UNCLEAR, "nothing said that could be held to", lexicon=lexicon)
    texts = [names_replaced(sentence, asked) for sentence in sentences]
    return Reading(find_events(sentences, texts, lexicon, asked), lexicon, asked)


def case_of(reading: Reading) -> Case | None:
    """Say what a text may confirm; None: it holds no evidence."""
    return _removal(reading.found, reading.lexicon) or _change(reading.found, reading.lexicon)


def _removal(found: Findings, lexicon: Lexicon) -> Case | None:
    left = [e for e in found.left if not e.doubts and _is_about_selling(found, e, lexicon)]
    wanted = [e for e in found.request if not e.doubts]
    if not (left and wanted):  # one alone was what fresh near misses were accepted by
        return None
    undone = _undone(found, without=("do_it",))
    against = [
        f"{' and '.join(e.doubts)} in {found.sentences[e.sentence].written!r}"
        for e in (*found.left, *found.request)
        if e.doubts
    ]
    against += [
        f"a contrast in {found.sentences[e.sentence].written!r}"
        for e in left
        if _turns_after(found, e, wanted, lexicon)
    ]
    dangers = [*against, *_dangers(found, lexicon, removal=True), *_unread(found)]
    return Case(wanted[0], Subject.REMOVAL, tuple(dict.fromkeys([*undone, *dangers])))


def _is_about_selling(found: Findings, event: Event, lexicon: Lexicon) -> bool:
    """A bare "we left" needs the account, the selling or a marketplace in its sentence."""
    text = found.texts[event.sentence]
    return bool(lexicon.selling.search(text) or OURS in text or OTHERS in text)


def _change(found: Findings, lexicon: Lexicon) -> Case | None:
    if not (found.clean or found.weak):
        return None
    undone = _undone(found)
    against: list[str] = []
    whole = [e for e in found.clean if not any(_overlap(e, other) for other in found.doubted)]
    if found.clean and not whole:
        against.append("the same words read as doubtful too")
    evidence = whole or found.clean or found.weak
    against += [
        f"{' and '.join(e.doubts)} in {found.sentences[e.sentence].written!r}"
        for e in found.doubted
        if {"negation", "condition"} & set(e.doubts)
    ]
    against += [
        f"a contrast in {found.sentences[e.sentence].written!r}"
        for e in evidence
        if _turns_after(found, e, evidence, lexicon)
    ]
    last = max(event.sentence for event in evidence)
    turn = lexicon.doubts["contrast_after"]
    against += [
        f"a contrast in {found.sentences[n].written!r}"
        for n in range(last + 1, len(found.texts))
        if re.match(rf"(?:and |so |then )?(?:{turn.pattern})", found.texts[n])
    ]
    against += _afterthoughts(found)
    if any(not e.doubts and OURS in found.texts[e.sentence] for e in found.left):
        against.append("it also says that the marketplace was left")
    if not found.clean:
        against.append(f"it may mean something else: {found.sentences[last].written!r}")
    dangers = [*against, *_dangers(found, lexicon, removal=False)]
    once = tuple(dict.fromkeys(dangers))
    mild = tuple(danger for danger in once if danger.startswith(_MILD))
    grave = tuple(danger for danger in once if danger.split(" in ")[0] in _GRAVE)
    undone += [danger for danger in once if danger not in (*mild, *grave)]
    return Case(evidence[0], Subject.REPAIR, tuple(undone), grave, mild)


def _afterthoughts(found: Findings) -> Iterator[str]:
    """Name what was added below, unless it says the thing once more or is mere courtesy."""
    told = {event.sentence for event in found.clean}
    for number, text in enumerate(found.texts):
        added = number not in told and common_words().afterthought.search(text)
        if added and not common_words().benign.search(text):
            yield f"an afterthought in {found.sentences[number].written!r}"


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


def _undone(found: Findings, without: tuple[str, ...] = ()) -> list[str]:
    """Name what speaks against any confirmation, wherever it stands in the text."""
    names = [name for name in (*_UNDONE_BY, "do_it") if name not in without]
    against = [
        f"{name} in {found.sentences[number].written!r}"
        for name in names
        for number in found.flags.get(name, ())
    ]
    if any(OTHERS in text for text in found.texts) and not any(OURS in t for t in found.texts):
        against.append("only another marketplace is named")
    return against


def _decided(case: Case, reading: Reading, ahead: float) -> ReplyVerdict:
    """Give CONFIRMED if nothing speaks against it and the learned reader is sure enough."""
    lexicon = reading.lexicon
    sentence = reading.found.sentences[case.told.sentence].written
    if case.undone_by or ahead < 0:
        told = (*case.undone_by, *case.grave, *case.mild) or (
            "the learned reader does not take it for a confirmation",
        )
        return _verdict(Answer.UNCLEAR, *told, lexicon=lexicon, sentence=sentence)
    rule = f"{lexicon.language}.{case.told.rule} of lexicon {lexicon.version}"
    return ReplyVerdict(
        answer=Answer.CONFIRMED,
        confirms=case.subject,
        sentence=sentence,
        reasons=(f"says so by the phrase {rule}, and nothing speaks against it",),
        language=lexicon.language,
    )


def needed(case: Case, strange: int) -> float:
    """Say how sure the learned reader has to be, with so many words strange to it."""
    if case.subject is Subject.REMOVAL:
        return SURE_OF_REMOVAL
    bars = SURE_OF_CHANGE[case.against]
    return bars[min(strange, len(bars) - 1)]


def _unread(found: Findings) -> Iterator[str]:
    """Name every sentence that is neither evidence nor politeness."""
    events = (*found.clean, *found.left, *found.request)
    told = {event.sentence for event in events if not event.doubts}
    for number, text in enumerate(found.texts):
        written = found.sentences[number].written
        signed = number > max(told, default=0) and _SIGNED.fullmatch(written)
        if not (number in told or signed or common_words().benign.search(text)):
            yield f"not understood: {written!r}"


def _dangers(found: Findings, lexicon: Lexicon, *, removal: bool) -> Iterator[str]:
    """Look through every sentence once more for any mark of doubt that nothing explains."""
    benign = common_words().benign
    events = (*found.clean, *found.weak)
    acted = max((event.sentence for event in events), default=len(found.texts))
    for number, text in enumerate(found.texts):
        rest = lexicon.no_doubt.sub(" ", _beside_the_removal(found, number) if removal else text)
        if removal:
            rest = lexicon.no_doubt_in_removal.sub(" ", rest)
        polite = benign.search(text) is not None
        written = found.sentences[number].written
        after = number > acted and not removal
        for name in _DANGERS:
            if lexicon.doubts[name].search(rest) and not (polite and name in _POLITELY):
                mild = after and (name in _OUTLOOK or (polite and name == "negation"))
                yield f"{'mild ' * mild}{name} in {written!r}"
        if OTHERS in text:
            yield f"another marketplace in {written!r}"
        if found.questions[number] and not polite:
            mild = after and len(text.split()) > _SHORT_QUESTION
            yield f"{'mild ' * mild}question in {written!r}"


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


def _something_else(found: Findings, lexicon: Lexicon) -> ReplyVerdict:
    """Without evidence: the one thing that it clearly is, or UNCLEAR."""
    for name, answer in _CLASSES:
        if name in found.flags:
            sentence = found.sentences[found.flags[name][0]].written
            return _verdict(answer, f"{name} by its words", lexicon=lexicon, sentence=sentence)
    events = (*found.doubted, *found.left, *found.request)
    for doubt, answer in _CLASS_OF_DOUBT:
        for event in events:
            if doubt in event.doubts:
                sentence = found.sentences[event.sentence].written
                return _verdict(answer, f"{doubt} by its words", lexicon=lexicon, sentence=sentence)
    if found.weak or any(not event.doubts for event in (*found.left, *found.request)):
        return _verdict(Answer.UNCLEAR, "it may mean something else", lexicon=lexicon)
    return _by_its_mood(found, lexicon)


def _by_its_mood(found: Findings, lexicon: Lexicon) -> ReplyVerdict:
    """Without any known act: a guess, a plan or a question."""
    if any(lexicon.doubts["hedge"].search(text) for text in found.texts):
        return _verdict(Answer.UNCLEAR, "a guess", lexicon=lexicon)
    for number, text in enumerate(found.texts):
        if lexicon.doubts["future"].search(text) and not found.questions[number]:
            sentence = found.sentences[number].written
            return _verdict(Answer.PROMISE, "it lies ahead", lexicon=lexicon, sentence=sentence)
    if any(found.questions):
        sentence = found.sentences[found.questions.index(True)].written
        return _verdict(Answer.QUESTION, "it asks back", lexicon=lexicon, sentence=sentence)
    return _verdict(Answer.UNCLEAR, "no evidence, no clear answer", lexicon=lexicon)


def _lexicon_for(whole: str, prior: str) -> Lexicon | None:
    """Choose by function words; a short text is in the language it was asked in."""
    lexicons = shipped_lexicons()
    words = re.findall(r"[^\W\d]+", whole)
    counts = {name: sum(w in one.function_words for w in words) for name, one in lexicons.items()}
    best = max(counts, key=lambda name: (counts[name], name == prior))
    ahead = counts[best] - counts.get(prior, 0)
    if prior in lexicons and (ahead <= 0 or (len(words) < 4 and ahead < 2)):  # noqa: PLR2004 - too little to tell
        best = prior
    if len(words) >= _MANY_WORDS and counts[best] < 1:
        return None
    return lexicons[best]


def _verdict(
    answer: Answer, *reasons: str, lexicon: Lexicon | None = None, sentence: str = ""
) -> ReplyVerdict:
    return ReplyVerdict(
        answer=answer,
        confirms=None,
        sentence=sentence,
        reasons=reasons,
        language=lexicon.language if lexicon else "",
    )
