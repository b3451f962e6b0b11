"""What a text says that was done or is wanted, each with every doubt about it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from mailflow.tickets.ticket import Subject
from mailflow.understanding.confirmation.asked import Asked
from mailflow.understanding.confirmation.lexicon import (
    OTHERS,
    OURS,
    About,
    Lexicon,
)
from mailflow.understanding.confirmation.text import Sentence

_WE = re.compile(r"\b(?:i|we|our|ich|wir|je|nous|j')\b")
_THIRD_PARTY_DID = re.compile(
    r"^\s*(?:itself |selbst |lui-meme )?(?:has|have|had|hat|haben|a|ont|ha|han|hanno|heeft|hebben"
    r"|[a-z]+ed|zmienil\w*|mudou|alterou)\b"
)
_OUR_THING = re.compile(
    r"\b(?:our|unser\w*|notre|nuestr\w+|nostr\w+|onze?|nasz\w*|noss\w+|token|key|feed)\b[^,]{0,12}$"
)
# Doubts about the text as a whole, found in any sentence.
FLAGS = (
    "doubt", "retraction", "do_it", "partial", "keep_paused", "reactivate", "trouble", "denial",
    "delegation",
)  # fmt: skip
_NOT_IN_QUESTIONS = frozenset({"trouble", "keep_paused", "denial"})


@dataclass(frozen=True, slots=True)
class Event:
    """One phrase that was found, and what speaks against it."""

    sentence: int
    start: int
    end: int
    rule: str  # name of the list and number of the phrase in it
    doubts: tuple[str, ...]


@dataclass(slots=True)
class Findings:
    """Everything that a text was found to hold."""

    sentences: Sequence[Sentence]
    texts: list[str]  # folded, marketplaces replaced
    questions: list[bool]
    clean: list[Event] = field(default_factory=list)  # the asked change, without a doubt
    doubted: list[Event] = field(default_factory=list)
    weak: list[Event] = field(default_factory=list)  # some change, but not surely the asked one
    left: list[Event] = field(default_factory=list)
    request: list[Event] = field(default_factory=list)
    flags: dict[str, list[int]] = field(default_factory=dict)  # sentences in which each was found


def find_events(
    sentences: Sequence[Sentence], texts: list[str], lexicon: Lexicon, asked: Asked
) -> Findings:
    """Look for every phrase of the lexicon; `texts` are the folded sentences as prepared."""
    found = Findings(sentences, texts, [_is_question(text, lexicon) for text in texts])
    for number, text in enumerate(texts):
        _flag(found, number, text, lexicon)
        if asked.subject is Subject.REPAIR:
            _find_changes(found, number, lexicon, lexicon.about[asked.topic])
        _find_removals(found, number, lexicon)
    if asked.subject is Subject.REPAIR and not (found.clean or found.weak):
        _find_bare_verbs(found, lexicon)
    return found


def _is_question(text: str, lexicon: Lexicon) -> bool:
    if text.rstrip(" \"')").endswith("?"):
        return True
    return bool(lexicon.doubts["question"].search(text)) and text[-1:] not in (".", "!")


def _flag(found: Findings, number: int, text: str, lexicon: Lexicon) -> None:
    for name in FLAGS:
        asked_back = found.questions[number] and name in _NOT_IN_QUESTIONS
        if not asked_back and lexicon.doubts[name].search(text):
            found.flags.setdefault(name, []).append(number)


def _find_changes(found: Findings, number: int, lexicon: Lexicon, about: About) -> None:
    text = found.texts[number]
    for kind, frames in (("done", about.done), ("state", about.state)):
        for rule, frame in enumerate(frames):
            for match in frame.finditer(text):
                name = (f"{kind}.{rule}", kind == "state")
                _sort_change(found, number, match, name, lexicon, about)
    for rule, frame in enumerate(about.renewal):
        for match in frame.finditer(text):
            doubts = _doubts_of_change(found, number, match.span(), lexicon)
            event = Event(number, *match.span(), f"renewal.{rule}", doubts)
            (found.doubted if doubts else found.clean).append(event)


def _find_bare_verbs(found: Findings, lexicon: Lexicon) -> None:
    """Take a verb that says "done" for weak evidence where no phrase is known."""
    for number, text in enumerate(found.texts):
        for match in lexicon.done.finditer(text):
            doubts = _doubts_of_change(found, number, match.span(), lexicon)
            event = Event(number, *match.span(), "verb", doubts)
            (found.doubted if doubts else found.weak).append(event)


def _sort_change(
    found: Findings,
    number: int,
    match: re.Match[str],
    rule: tuple[str, bool],
    lexicon: Lexicon,
    about: About,
) -> None:
    name, is_state = rule
    doubts = _doubts_of_change(found, number, match.span(), lexicon)
    event = Event(number, *match.span(), name, doubts)
    if doubts:
        found.doubted.append(event)
        return
    text = found.texts[number]
    strong = is_state or _is_strong(match, text, lexicon, about)
    generic = lexicon.change.search(text) and lexicon.as_asked.search(text)
    if (
        (strong and about.thing.search(text))
        or generic
        or (strong and not is_state and _means_the_one_before(found, number, match, lexicon, about))
    ):
        found.clean.append(event)
    else:
        found.weak.append(event)


def _is_strong(match: re.Match[str], text: str, lexicon: Lexicon, about: About) -> bool:
    """Does the verb by itself say that the asked was done? A light one needs its object near."""
    verb = match.group("v")
    if not about.strong.fullmatch(verb):
        return False
    if lexicon.light.search(verb):
        low, high = _clause(text, *match.span(), lexicon)
        start = match.start("v")
        after, before = text[start + len(verb) : high], text[low:start]
        thing = about.thing.pattern
        near = re.search(rf"^(?:\W+[\w'./-]+){{0,5}}?\W+{thing}", after)
        return bool(near or re.search(rf"{thing}(?:\W+[\w'.]+){{0,4}}\W*$", before))
    return True


def _means_the_one_before(
    found: Findings, number: int, match: re.Match[str], lexicon: Lexicon, about: About
) -> bool:
    """Is it "fixed it", after a sentence that names the thing without denying anything?"""
    if number == 0 or found.questions[number - 1]:
        return False
    rest = found.texts[number][match.start("v") + len(match.group("v")) :]
    before = found.texts[number - 1]
    named = about.thing.search(before) and not lexicon.doubts["negation"].search(before)
    return bool(named and lexicon.pronoun.search(rest))


def _find_removals(found: Findings, number: int, lexicon: Lexicon) -> None:
    text = found.texts[number]
    for kind, phrases, events in (
        ("left", lexicon.left, found.left),
        ("request", lexicon.request, found.request),
    ):
        for rule, phrase in enumerate(phrases):
            for match in phrase.finditer(text):
                doubts = _doubts_of_removal(found, number, match.span(), lexicon)
                if kind == "request":  # what is asked for lies ahead
                    doubts = tuple(doubt for doubt in doubts if doubt != "future")
                events.append(Event(number, *match.span(), f"{kind}.{rule}", doubts))


def _clause(text: str, start: int, end: int, lexicon: Lexicon) -> tuple[int, int]:
    """Give the clause around a phrase; an "and" bounds it on the right only."""
    cuts = [
        0,
        len(text),
        *(m.end() if m.group()[0] in ",;: " else m.start() for m in lexicon.clause.finditer(text)),
    ]
    low = max(cut for cut in cuts if cut <= start)
    cuts += [match.start() for match in lexicon.joins.finditer(text)]
    return low, min(cut for cut in cuts if cut >= end)


def _common_doubts(
    found: Findings, number: int, span: tuple[int, int], lexicon: Lexicon
) -> Iterator[str]:
    text, (start, end), doubts = found.texts[number], span, lexicon.doubts
    low, high = _clause(text, start, end, lexicon)
    clause = f"{text[low:start]} \u00a7 {text[end:high]}"
    if found.questions[number]:
        yield "question"
    if doubts["hedge"].search(text[:end]) or doubts["hedge"].search(clause):
        yield "hedge"
    if doubts["condition"].search(text[:start]):
        yield "condition"
    if doubts["asks_us"].search(text[:end]):
        yield "asks_us"
    near = text[_clause_start(text, start, lexicon) : high]
    if (OTHERS in near and OURS not in near) or (OTHERS in text and OURS not in near):
        yield "other_marketplace"


def _clause_start(text: str, start: int, lexicon: Lexicon) -> int:
    ends = [match.end() for match in lexicon.clause.finditer(text) if match.end() <= start]
    return max(ends, default=0)


def _doubts_of_change(
    found: Findings, number: int, span: tuple[int, int], lexicon: Lexicon
) -> tuple[str, ...]:
    text, (start, end), doubts = found.texts[number], span, lexicon.doubts
    low, high = _clause(text, start, end, lexicon)
    around = lexicon.no_doubt.sub(" ", f"{text[low:start]} \u00a7 {text[end:high]}")
    inside = lexicon.no_doubt.sub(" ", text[start:end])
    against = list(_common_doubts(found, number, span, lexicon))
    if doubts["negation"].search(around) or doubts["negation"].search(inside):
        against.append("negation")
    if doubts["future"].search(lexicon.no_doubt.sub(" ", text[low:high])):
        against.append("future")
    who = text[low:end]
    you = doubts["you_did"].search(who)
    if you and not _WE.search(who[you.end() :]):
        against.append("you_did")
    if doubts["wish"].search(who):
        against.append("wish")
    named = re.search(rf"{OURS}|{OTHERS}", who)
    if (
        named
        and _THIRD_PARTY_DID.search(who[named.end() :])
        and not _OUR_THING.search(who[: named.start()])
    ):
        against.append("third_party")
    near = text[_clause_start(text, start, lexicon) : high]
    if doubts["scope"].search(near) and not doubts["all_of_it"].search(text):
        against.append("scope")
    return tuple(against)


def _doubts_of_removal(
    found: Findings, number: int, span: tuple[int, int], lexicon: Lexicon
) -> tuple[str, ...]:
    text, (start, end), doubts = found.texts[number], span, lexicon.doubts
    low, high = _clause(text, start, end, lexicon)
    clause = lexicon.no_doubt_in_removal.sub(" ", f"{text[low:start]} \u00a7 {text[end:high]}")
    against = list(_common_doubts(found, number, span, lexicon))
    if doubts["negation"].search(lexicon.no_doubt.sub(" ", clause)):
        against.append("negation")
    if doubts["future"].search(clause):
        against.append("future")
    if doubts["temporary"].search(text):
        against.append("temporary")
    if doubts["condition_after"].search(text[end:]):
        against.append("condition")
    return tuple(against)
