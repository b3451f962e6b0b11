"""Marketplaces in a text: the one that was asked about, and every other one."""

import re
from functools import lru_cache

from mailflow.understanding.confirmation.asked import Asked
from mailflow.understanding.confirmation.lexicon import (
    OTHERS,
    OURS,
    common_words,
    marketplace_pattern,
)
from mailflow.understanding.confirmation.text import Sentence, fold

READ_AS_OURS, READ_AS_OTHERS = "eBay", "Zalando"
_TAIL = r"(?=(?:'?s|u|a|ie|em|owi|ze|zie)?(?!\w))"  # endings of eight languages
_NO_NAME = (  # words with a capital that name no marketplace: times, and "you" in German
    r"(?!(?:I|Ihn\w*|Ihr\w*|Euch|Uns|Mon|Tue|Wed|Thu|Fri|Sat|Sun|Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep"
    r"|Oct|Okt|Nov|Dec|Dez|M\u00e4r|Mai)\w{0,6}\b|Di\b|Mi\b|Do\b|Die|Mitt|Donn|Frei|Sam|Sonn)"
)
_BEFORE_A_THING = re.compile(
    rf"\b(?:on|from|at|auf|bei|von|aus)\s+({_NO_NAME}[A-Z][\w.]+)|"
    r"\b(?:the|our|den|der|die|das|unser\w*)\s+([A-Z][\w.]+)[ -](?:[Tt]oken|[Aa]ccount|[Ff]eed|"
    r"[Ii]ntegration|[Kk]onto|[Aa]nbindung|[Ss]hop|[Cc]onnection|[Kk]ey)"
)


def names_replaced(sentence: Sentence, asked: Asked) -> str:
    """Give the folded sentence with OURS and OTHERS in place of every marketplace named."""
    text = _ours(asked.marketplace).sub(OURS, sentence.folded)
    words = common_words()

    def other(found: re.Match[str]) -> str:
        name = found.group()
        ordinary = name in words.ordinary_words
        return found.group() if ordinary and not _is_a_name(name, sentence.written) else OTHERS

    text = _others(asked.all_marketplaces, asked.marketplace).sub(other, text)
    for unknown in _BEFORE_A_THING.finditer(sentence.written):
        name = unknown[1] or unknown[2]
        if not name.isupper() and fold(name) in text.split():
            text = re.sub(rf"\b{re.escape(fold(name))}\b", OTHERS, text)
    return text


def names_as_read(text: str, asked: Asked) -> str:
    """Give a text as it was written, with one name for the marketplace asked about, one for others.

    The learned reader knows just these two, so that it learns nothing of any marketplace.
    """
    text = _ours_as_written(asked.marketplace).sub(READ_AS_OURS, text)

    def other(found: re.Match[str]) -> str:
        name = found.group()
        ordinary = name.islower() and name in common_words().ordinary_words
        return name if ordinary or name == READ_AS_OURS else READ_AS_OTHERS

    others = _others_as_written(asked.all_marketplaces, asked.marketplace)
    return " ".join(others.sub(other, text).split())


def _is_a_name(word: str, written: str) -> bool:
    """Ordinary words count only with a capital inside the sentence."""
    return re.search(rf"(?<!^)(?<![.!?] )\b{word.capitalize()}\b", written) is not None


@lru_cache(maxsize=512)
def _ours(marketplace: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w@.]){marketplace_pattern(marketplace)}{_TAIL}")


@lru_cache(maxsize=512)
def _ours_as_written(marketplace: str) -> re.Pattern[str]:
    return re.compile(_ours(marketplace).pattern, re.IGNORECASE)


@lru_cache(maxsize=64)
def _others_as_written(known: tuple[str, ...], ours: str) -> re.Pattern[str]:
    return re.compile(_others(known, ours).pattern, re.IGNORECASE)


@lru_cache(maxsize=64)
def _others(known: tuple[str, ...], ours: str) -> re.Pattern[str]:
    own = fold(ours).replace(" ", "")
    names = [marketplace_pattern(name) for name in known if fold(name) != fold(ours)]
    shared = [n for n in common_words().marketplaces if fold(n).replace(" ", "") not in own]
    return re.compile(rf"(?<![\w@.])(?:{'|'.join([*names, *shared])}){_TAIL}")
