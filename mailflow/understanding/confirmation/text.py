"""Text in the form in which it is compared, and cut into sentences."""

import re
import unicodedata
from dataclasses import dataclass

MAX_CHARS = 6_000  # a longer answer says too much to be unmistakable
_SAME = str.maketrans(
    {"\u2019": "'", "\u2018": "'", "`": "'", "\u00b4": "'", "\u201c": '"', "\u201d": '"'}
    | {"\u201e": '"', "\u00df": "ss", "\u2013": "-", "\u2014": "-", "\u00a0": " "}
    | {"\u0142": "l", "\u0141": "L", "\u00f8": "o", "\u00e6": "ae"}
)
_END = re.compile(r"[.!?\u2026]+[\"')\]]*(?:\s+|$)|(?:\s[-\u2013\u2014]\s)(?=\w)|[;]\s+")
_ABBREVIATION = re.compile(
    r"\b(?:e\.g|i\.e|z\.b|d\.h|u\.a|bzw|ca|nr|no|inkl|exkl|etc|resp|vs|a\.u\.b|p\.ej|ej|np|tzn|tj|p\.s"
    r"|ltd|inc|tel|st|mr|mrs|ms|dr|hr|fr)\.$|\b\d{1,2}\.(?:\d{1,2}\.)?$"
)
_BULLET = re.compile(r"^(?:[-*\u2022\u00b7+]|\d{1,2}[.)])\s+")
_QUOTED = re.compile(
    r"[\"\u201c\u201e\u00ab](?:[^\s\"\u201c\u201d\u201e\u00ab\u00bb]+\s+){4,40}"
    r"[^\s\"\u201c\u201d\u201e\u00ab\u00bb]+\s*[\"\u201c\u201d\u00bb]"
)
_SHORT_LINE = 60  # characters; after a shorter one a capital letter begins something new


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence as written, and folded for comparing."""

    written: str
    folded: str


def fold(text: str) -> str:
    """Give lower case without accents and with plain quotes, dashes and blanks."""
    text = unicodedata.normalize("NFKD", text.translate(_SAME))
    plain = "".join(c for c in text if not unicodedata.combining(c))
    return " ".join(plain.translate(_SAME).lower().split())


def without_citations(text: str) -> str:
    """Take out what stands between quotation marks: those are somebody else's words."""
    rest = _QUOTED.sub(" ", text)
    return rest if rest.strip(" .!\n") else text


def sentences_of(text: str) -> tuple[Sentence, ...]:
    """Cut at full stops, list items and blank lines; a wrapped line goes on."""
    found = [piece for block in _blocks(text) for piece in _split(block)]
    return tuple(Sentence(piece, fold(piece)) for piece in found if re.search(r"\w|\?", piece))


def _blocks(text: str) -> list[str]:
    blocks: list[str] = []
    last = ""
    for line in text.splitlines():
        stripped = line.strip()
        if stripped and last and not _begins_anew(stripped, last):
            blocks[-1] += f" {stripped}"
        elif stripped:
            blocks.append(_BULLET.sub("", stripped))
        last = stripped
    return blocks


def _begins_anew(line: str, before: str) -> bool:
    capital = line[0].isupper() or line[0].isdigit()
    ended = before.endswith((".", "!", "?", ":")) or (len(before) < _SHORT_LINE and capital)
    return ended or _BULLET.match(line) is not None


def _split(block: str) -> list[str]:
    pieces: list[str] = []
    start = 0
    for end in _END.finditer(block):
        piece = block[start : end.end()].strip()
        dot = end.group().startswith(".")
        if dot and end.end() < len(block) and _ABBREVIATION.search(fold(piece)):
            continue
        pieces.append(piece)
        start = end.end()
    return [piece for piece in (*pieces, block[start:].strip()) if piece]
