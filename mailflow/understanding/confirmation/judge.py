"""Judge a retailer's own words: evidence, nothing against it, and a learned reader that agrees."""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from mailflow.tickets.ticket import Subject
from mailflow.understanding.confirmation.asked import Asked
from mailflow.understanding.confirmation.case import Against, Case, Reading, case_of
from mailflow.understanding.confirmation.closed import judge_closed
from mailflow.understanding.confirmation.events import Findings, find_events
from mailflow.understanding.confirmation.lexicon import Lexicon, shipped_lexicons
from mailflow.understanding.confirmation.names import names_replaced
from mailflow.understanding.confirmation.reader import Impression, impression, load_reader
from mailflow.understanding.confirmation.text import (
    MAX_CHARS,
    sentences_of,
    without_citations,
)
from mailflow.understanding.meaning import Answer, ReplyVerdict

# How sure the reader has to be, as log odds, by what stands against the evidence. Chosen on hands
# that it had not learned from.
NEVER = math.inf
SURE_OF_CHANGE = {
    Against.NOTHING: 0.5,
    Against.MILD: 2.0,
    Against.GRAVE: 3.2,
    Against.MUCH: 3.5,
}
SURE_OF_REMOVAL = {
    Against.NOTHING: -0.5,
    Against.MILD: 2.0,
    Against.GRAVE: 3.5,
    Against.MUCH: NEVER,  # it cannot be undone
}
SURE_OF_HALF_A_REMOVAL = 3.0
SURE_WITHOUT_A_PHRASE = 2.5
SURE_OF_NO = -2.0  # below it the reader may say what a text is instead
SURE_OF_CLASS = 0.6  # the least share of that among all intents
_ANSWERS = {
    "promise": Answer.PROMISE,
    "conditional": Answer.PROMISE,
    "question": Answer.QUESTION,
    "denial": Answer.DENIAL,
    "wants_reactivation": Answer.DENIAL,
    "keep_paused": Answer.KEEP_PAUSED,
    "partial": Answer.PARTIAL,
    "trouble": Answer.TROUBLE,
    "delegated": Answer.DELEGATED,
}
_FEW_WORDS = 3  # of a sentence; fewer say nothing that could be sorted
_MANY_WORDS = 6  # a text this long without one known function word is in an unknown language
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


def warm_up() -> None:
    """Load lexicons and reader; it takes a second, best without an order in hand."""
    shipped_lexicons()
    load_reader()


def judge(
    own_text: str, asked: Asked, lexicons: Mapping[str, Lexicon] | None = None
) -> ReplyVerdict:
    """Judge an answer, by the lexicons that come with mailflow or by an operator's own."""
    reading = read(own_text, asked, lexicons or shipped_lexicons())
    if isinstance(reading, ReplyVerdict):
        return reading
    verdict = weigh(reading, impression(own_text, asked))
    if verdict.answer is Answer.CONFIRMED and not verdict.sentence:
        return replace(verdict, sentence=_most_telling(reading))
    return verdict


def weigh(reading: Reading, read_as: Impression) -> ReplyVerdict:
    """Set what was found against what the learned reader says."""
    case = case_of(reading)
    if case is not None and read_as.clear >= needed(case):
        return _confirmed(case, reading)
    if _says_so_without_a_phrase(case, reading, read_as):
        return ReplyVerdict(
            answer=Answer.CONFIRMED,
            confirms=Subject.REPAIR,
            sentence="",
            reasons=(f"says so by the learned reader ({read_as.clear:.1f}), without a phrase",),
            language=reading.lexicon.language,
        )
    return _not_confirmed(case, reading, read_as)


def _not_confirmed(case: Case | None, reading: Reading, read_as: Impression) -> ReplyVerdict:
    """Give what it is instead, where lists or reader leave no doubt of it."""
    lexicon = reading.lexicon
    answer = _ANSWERS.get(read_as.intent)
    enough = any(len(one.folded.split()) >= _FEW_WORDS for one in reading.found.sentences)
    if answer and enough and read_as.clear < SURE_OF_NO and read_as.share >= SURE_OF_CLASS:
        reason = f"reads like {read_as.intent} to the learned reader ({read_as.share:.0%})"
        return _verdict(answer, reason, lexicon=lexicon)
    if case is not None:
        sentence = reading.found.sentences[case.told.sentence].written
        told = map(str, case.dangers or ("the learned reader is not sure enough of it",))
        return _verdict(Answer.UNCLEAR, *told, lexicon=lexicon, sentence=sentence)
    if read_as.clear > 0:  # it must not be sorted as a no either
        return _verdict(Answer.UNCLEAR, "it reads like a confirmation", lexicon=lexicon)
    return _something_else(reading.found, lexicon)


def _says_so_without_a_phrase(case: Case | None, reading: Reading, read_as: Impression) -> bool:
    """A change may be said in words that no list holds; a removal must not be."""
    change = (
        case is None
        and reading.asked.subject is Subject.REPAIR
        and read_as.subject is Subject.REPAIR
    )
    return change and read_as.clear >= SURE_WITHOUT_A_PHRASE


def _most_telling(reading: Reading) -> str:
    """Give the sentence that by itself reads most like a confirmation."""
    sentences = [sentence.written for sentence in reading.found.sentences]
    return max(sentences, key=lambda written: impression(written, reading.asked).clear)


def read(own_text: str, asked: Asked, lexicons: Mapping[str, Lexicon]) -> Reading | ReplyVerdict:
    """Look for all that the lexicon knows; a verdict where there is nothing to look for."""
    if len(own_text) > MAX_CHARS:
        return _verdict(Answer.UNCLEAR, "too long to be unmistakable")
    closed = judge_closed(own_text, asked, lexicons)
    if closed:
        return closed
    own = without_citations(own_text)
    sentences = sentences_of(own)
    whole = " ".join(sentence.folded for sentence in sentences)
    lexicon = _lexicon_for(whole, asked.language, lexicons)
    if lexicon is None:
        return _verdict(Answer.UNCLEAR, "no full lexicon of this language")
    if any(one.automatic.search(whole) for one in lexicons.values()):
        return _verdict(Answer.AUTOMATIC, "an automatic text", lexicon=lexicon)
    if not whole or lexicon.bare.match(whole) or lexicon.thanks.match(whole):
        return _verdict(Answer.UNCLEAR, "nothing said that could be held to", lexicon=lexicon)
    texts = [names_replaced(sentence, asked) for sentence in sentences]
    return Reading(find_events(sentences, texts, lexicon, asked), lexicon, asked)


def _confirmed(case: Case, reading: Reading) -> ReplyVerdict:
    lexicon = reading.lexicon
    rule = f"{lexicon.language}.{case.told.rule} of lexicon {lexicon.version}"
    return ReplyVerdict(
        answer=Answer.CONFIRMED,
        confirms=case.subject,
        sentence=reading.found.sentences[case.told.sentence].written,
        reasons=(f"says so by the phrase {rule}", *_outweighed(case)),
        language=lexicon.language,
    )


def _outweighed(case: Case) -> Iterator[str]:
    if not case.dangers:
        yield "nothing speaks against it"
    for danger in case.dangers:
        yield f"the learned reader outweighs: {danger}"


def needed(case: Case) -> float:
    """Say how sure the learned reader has to be."""
    bars = SURE_OF_REMOVAL if case.subject is Subject.REMOVAL else SURE_OF_CHANGE
    bar = bars[case.against]
    return max(bar, SURE_OF_HALF_A_REMOVAL) if case.half else bar


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


def _lexicon_for(whole: str, prior: str, lexicons: Mapping[str, Lexicon]) -> Lexicon | None:
    """Choose by function words; a short text is in the language it was asked in."""
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
