"""Text in the form in which it is compared, and cut into sentences."""

import re
import unicodedata
from dataclasses import dataclass

MAX_CHARS = 6_000  # a longer answer says too much to be unmistakable
_SAME = str.maketrans(
    {"\u2019": "'", "\u2018": "'", "`": "'", "\u00b4": "'", "\u201c": '"', "\u201d": '"'}
    | {"\u201e": '"', "\u00df": "ss", "\u2013": "-", "\u2014": "-", "\u00a0": " "}
)
_END = re.compile(r"(?<=[.!?\u2026;])[\"')\]]*\s+|\s+-\s+")
_ABBREVIATION = re.compile(r"(?:\b(?:e\.g|i\.e|z\.b|d\.h|bzw|ca|nr|no|mr|mrs|dr)|\b\d{1,2})\.$")
_BULLET = re.compile(r"^(?:[-*\u2022+]|\d{1,2}[.)])\s+")


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


def sentences_of(text: str) -> tuple[Sentence, ...]:
    """Cut at full stops, list items and blank lines; a wrapped line goes on."""
    found = [piece for block in _blocks(text) for piece in _split(block)]
    return tuple(Sentence(piece, fold(piece)) for piece in found if re.search(r"\w|\?", piece))


def _blocks(text: str) -> list[str]:
    blocks = [""]
    for line in text.splitlines():
        stripped = line.strip()
        starts = _BULLET.match(stripped) or blocks[-1].endswith((".", "!", "?", ":", ","))
        if not stripped or starts or len(blocks[-1]) < 50:  # noqa: PLR2004 - no wrapped line
            blocks.append("")
        blocks[-1] = f"{blocks[-1]} {_BULLET.sub('', stripped)}".strip()
    return [block for block in blocks if block]


def _split(block: str) -> list[str]:
    pieces: list[str] = []
    for piece in _END.split(block):
        if pieces and _ABBREVIATION.search(pieces[-1].lower()):
            pieces[-1] += f" {piece}"
        else:
            pieces.append(piece)
    return [piece.strip() for piece in pieces]
