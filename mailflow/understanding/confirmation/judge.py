"""Judge a retailer's own words: evidence, no danger, nothing left over. Else nothing is guessed."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from mailflow.tickets.ticket import Subject
from mailflow.understanding.confirmation.asked import Asked
from mailflow.understanding.confirmation.closed import judge_closed
from mailflow.understanding.confirmation.lexicon import (
    Lexicon,
    marketplace_pattern,
    shipped_lexicons,
)
from mailflow.understanding.confirmation.text import MAX_CHARS, Sentence, fold, sentences_of
from mailflow.understanding.meaning import Answer, ReplyVerdict

_NAME_BEFORE_THING = re.compile(
    r"\b(?:on|from|at|auf|bei|von|aus)\s+((?!I\b)[A-Z][\w.]+)|"
    r"\b(?:the|our|den|der|die|das|unser\w*)\s+([A-Z][\w.]+)[ -](?:[Tt]oken|[Aa]ccount|[Ff]eed|"
    r"[Ii]ntegration|[Kk]onto|[Aa]nbindung|[Ss]hop|[Cc]onnection|[Kk]ey|[Ii]ntegration)"
)


@dataclass(frozen=True, slots=True)
class _Found:
    """What one sentence holds."""

    sentence: Sentence
    repair: bool
    left: bool
    remove: bool
    dangers: tuple[str, ...]
    benign: bool

    @property
    def is_evidence(self) -> bool:
        return self.repair or self.left or self.remove


def judge(own_text: str, asked: Asked) -> ReplyVerdict:
    """Judge an answer. CONFIRMED needs evidence and no doubt anywhere in the text."""
    if len(own_text) > MAX_CHARS:
        return _verdict(Answer.UNCLEAR, "too long to be unmistakable")
    closed = judge_closed(own_text, asked)
    if closed:
        return closed
    sentences = sentences_of(own_text)
    lexicon = _lexicon_for(sentences, asked, shipped_lexicons())
    if lexicon is None:
        return _verdict(Answer.UNCLEAR, "no full lexicon of this language")
    whole = " ".join(sentence.folded for sentence in sentences)
    if not sentences or lexicon.automatic.search(whole):
        return _verdict(Answer.UNCLEAR, "nothing said, or an automatic text", lexicon=lexicon)
    found = [_look(sentence, lexicon, asked) for sentence in sentences]
    return _confirmed(found, asked, lexicon) or _other(found, lexicon)


def _confirmed(found: Sequence[_Found], asked: Asked, lexicon: Lexicon) -> ReplyVerdict | None:
    """Give CONFIRMED, UNCLEAR with what speaks against it, or None without any evidence."""
    evidence = [one for one in found if one.is_evidence]
    if not evidence:
        return None
    against = [f"{why} in {one.sentence.written!r}" for one in found for why in one.dangers]
    against += [
        f"not understood: {one.sentence.written!r}"
        for one in found
        if not one.is_evidence and not one.benign
    ]
    subject = _subject(evidence, asked)
    if subject is None:
        against.append("the evidence does not answer the question")
    if against:
        return _verdict(Answer.UNCLEAR, *against, lexicon=lexicon)
    told = next(o for o in evidence if (o.repair if subject is Subject.REPAIR else o.remove))
    return ReplyVerdict(
        answer=Answer.CONFIRMED,
        confirms=subject,
        sentence=told.sentence.written,
        reasons=("says so in its own words, and nothing in the text speaks against it",),
        language=lexicon.language,
    )


def _subject(evidence: Sequence[_Found], asked: Asked) -> Subject | None:
    repair = any(one.repair for one in evidence)
    left = any(one.left for one in evidence)
    remove = any(one.remove for one in evidence)
    if repair:
        wanted = asked.subject is Subject.REPAIR and not left and not remove
        return Subject.REPAIR if wanted else None
    if remove and (left or asked.subject is Subject.REMOVAL):
        return Subject.REMOVAL
    return None


def _other(found: Sequence[_Found], lexicon: Lexicon) -> ReplyVerdict:
    """Without evidence: the one thing that it clearly is, or UNCLEAR."""
    answers: dict[Answer, str] = {}
    for one in found:
        text = one.sentence.folded
        if text.endswith("?"):
            answers.setdefault(Answer.QUESTION, one.sentence.written)
        elif lexicon.keep_paused.search(text):
            answers.setdefault(Answer.KEEP_PAUSED, one.sentence.written)
        elif lexicon.denial.search(text):
            answers.setdefault(Answer.DENIAL, one.sentence.written)
        elif lexicon.promise.search(text):
            answers.setdefault(Answer.PROMISE, one.sentence.written)
    if len(answers) != 1:
        return _verdict(Answer.UNCLEAR, "no evidence, no clear answer", lexicon=lexicon)
    ((answer, sentence),) = answers.items()
    return _verdict(answer, "clear by its words", lexicon=lexicon, sentence=sentence)


def _look(sentence: Sentence, lexicon: Lexicon, asked: Asked) -> _Found:
    text = sentence.folded
    rest = text
    hits = {}
    for name in ("repair", "left", "remove"):
        patterns = _patterns(getattr(lexicon, name), asked.marketplace)
        matches = [m for pattern in patterns if (m := pattern.search(text))]
        hits[name] = bool(matches)
        if name == "left":  # "no longer" is what leaving says, not a doubt
            for match in matches:
                rest = rest.replace(match.group(), " \u00a7 ")
    for harmless in lexicon.harmless:
        rest = harmless.sub(" \u00a7 ", rest)
    dangers = [why for why, pattern in lexicon.danger.items() if pattern.search(rest)]
    if _names_another(sentence, asked):
        dangers.append("another marketplace")
    benign = bool(lexicon.benign.fullmatch(text) or lexicon.courtesy.fullmatch(text))
    return _Found(
        sentence=sentence,
        repair=hits["repair"],
        left=hits["left"],
        remove=hits["remove"],
        dangers=() if benign and not any(hits.values()) else tuple(dangers),
        benign=benign,
    )


def _names_another(sentence: Sentence, asked: Asked) -> bool:
    own = re.compile(rf"\b{marketplace_pattern(asked.marketplace)}(?![^\W_])(?!\.[a-z])")
    rest = own.sub(" ", sentence.folded)
    others = (name for name in asked.all_marketplaces if fold(name) != fold(asked.marketplace))
    if any(re.search(rf"\b{marketplace_pattern(name)}(?![^\W_])", rest) for name in others):
        return True
    names = (found[1] or found[2] for found in _NAME_BEFORE_THING.finditer(sentence.written))
    return any(not own.search(fold(n)) and not n.isupper() and fold(n) in rest for n in names)


@lru_cache(maxsize=512)
def _patterns(phrases: tuple[str, ...], marketplace: str) -> tuple[re.Pattern[str], ...]:
    name = marketplace_pattern(marketplace)
    return tuple(re.compile(phrase.replace("{marketplace}", name)) for phrase in phrases)


def _lexicon_for(
    sentences: Sequence[Sentence], asked: Asked, lexicons: Mapping[str, Lexicon]
) -> Lexicon | None:
    words = [word for s in sentences for word in re.findall(r"[^\W\d]+", s.folded)]
    scores = {
        language: (sum(w in lexicon.function_words for w in words), language == asked.language)
        for language, lexicon in lexicons.items()
    }
    best = max(scores, key=lambda language: scores[language])
    known = scores[best][0] * 8 >= len(words) or asked.language == best
    return lexicons[best] if known else None


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
