"""The closed grammar of the clarifying mail: one option, the ticket, courtesy, nothing more."""

import re
from collections.abc import Mapping

from mailflow.tickets.ticket import Subject
from mailflow.understanding.confirmation.asked import Asked
from mailflow.understanding.confirmation.lexicon import (
    Lexicon,
    marketplace_pattern,
    shipped_lexicons,
)
from mailflow.understanding.confirmation.text import fold
from mailflow.understanding.meaning import Answer, ReplyVerdict

_FALLBACK = "en"
_TICKET = r"(?:[\s:,#(\[-]*(?P<ticket>[a-z]{2}-\d+)[)\]]*)?"
_ANSWERS = {
    "change_done": Answer.CONFIRMED,
    "remove": Answer.CONFIRMED,
    "not_yet": Answer.PROMISE,
}


def closed_options(
    asked: Asked, language: str, lexicons: Mapping[str, Lexicon] | None = None
) -> tuple[tuple[Answer, str], ...]:
    """Give the lines that a clarifying mail offers; one of them alone is a clear answer."""
    lexicons = lexicons or shipped_lexicons()
    lexicon = lexicons.get(language) or lexicons[_FALLBACK]
    return tuple(
        (_ANSWERS[name], f"{_shown(lexicon, name, asked)} {asked.ticket}") for name in _names(asked)
    )


def judge_closed(
    own_text: str, asked: Asked, lexicons: Mapping[str, Lexicon]
) -> ReplyVerdict | None:
    """Judge an answer in the closed grammar; None: it is free text."""
    found: list[tuple[str, str, str]] = []
    more = 0
    for line in filter(None, map(str.strip, own_text.splitlines())):
        option = next((o for lex in lexicons.values() if (o := _option(line, lex, asked))), None)
        if option:
            found.append((*option, line))
        elif not any(lexicon.courtesy.fullmatch(fold(line)) for lexicon in lexicons.values()):
            more += 1
    if not found:
        return None
    if more or len(found) > 1:
        return _verdict(Answer.UNCLEAR, asked, "more than one option and courtesy")
    name, ticket, line = found[0]
    if ticket and ticket != fold(asked.ticket):
        return _verdict(Answer.UNCLEAR, asked, "the option names another ticket")
    if name not in _names(asked):
        return _verdict(Answer.UNCLEAR, asked, "the option answers another question")
    subject = {"change_done": Subject.REPAIR, "remove": Subject.REMOVAL}.get(name)
    return ReplyVerdict(
        answer=_ANSWERS[name],
        confirms=subject,
        sentence=line,
        reasons=("closed option",),
        language=asked.language,
    )


def _names(asked: Asked) -> tuple[str, ...]:
    if asked.subject is Subject.REMOVAL:
        return ("remove", "not_yet")
    return ("change_done", "remove", "not_yet")


def _shown(lexicon: Lexicon, name: str, asked: Asked) -> str:
    return lexicon.options[name][0].replace("{marketplace}", asked.marketplace).upper()


def _option(line: str, lexicon: Lexicon, asked: Asked) -> tuple[str, str] | None:
    for name, phrases in lexicon.options.items():
        for phrase in phrases:
            pattern = fold(phrase).replace("{marketplace}", marketplace_pattern(asked.marketplace))
            found = re.fullmatch(rf"[-*\s\"']*{pattern}{_TICKET}[\s.!\"']*", fold(line))
            if found:
                return name, found["ticket"] or ""
    return None


def _verdict(answer: Answer, asked: Asked, reason: str) -> ReplyVerdict:
    return ReplyVerdict(
        answer=answer, confirms=None, sentence="", reasons=(reason,), language=asked.language
    )
