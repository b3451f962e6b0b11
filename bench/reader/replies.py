"""Labelled replies as the reader sees them, and in the forms that other people would give them."""

import random
import unicodedata
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bench.replies import rows_of
from mailflow.cli.explaining_replies import question_of
from mailflow.understanding.confirmation.asked import Asked
from mailflow.understanding.confirmation.reader import INTENTS, MAX_PIECES, question_and
from mailflow.understanding.reply_text import split_text

OUT = 1 + len(INTENTS)
_LOWER, _UPPER, _PLAIN, _TYPOS = 0.3, 0.15, 0.2, 0.35  # shares of other forms
_NO_TOPIC = 0.4
_WORDS_A_TYPO = 12


@dataclass(frozen=True)
class Reply:
    """A labelled reply, its author's own words, and the question."""

    hand: str
    row: dict[str, Any]
    own: str
    asked: Asked

    @property
    def clear(self) -> bool:
        return bool(self.row["clear"])

    @property
    def intent(self) -> int:
        """Give the place of the intent among those that the network tells apart; -100: none."""
        intent = self.row.get("intent", "")
        return INTENTS.index(intent) if intent in INTENTS else -100

    def line(self) -> str:
        return question_and(self.own, self.asked)

    def line_of(self, own: str, chance: random.Random) -> str:
        """Give the line of another text; the topic asked about is not always known."""
        known = chance.random() >= _NO_TOPIC
        return question_and(own, self.asked if known else replace(self.asked, topic=None))

    def line_in_another_form(self, chance: random.Random) -> str:
        return self.line_of(_other_form(self.own, chance), chance)


def replies_of(hand: str) -> list[Reply]:
    """Read a hand: a file of `bench/replies.py`, or several with commas between them."""
    return [_reply(hand, row) for name in hand.split(",") for row in rows_of(name)]


def short_name(hand: str) -> str:
    return "+".join(Path(name).stem for name in hand.split(","))


def _reply(hand: str, row: dict[str, Any]) -> Reply:
    sent = [row["sent"]] if row.get("sent") else []
    return Reply(
        hand, row, split_text(row["body"], sent, row.get("phrase", "")).own, question_of(row)
    )


def cut(pieces: list[int]) -> list[int]:
    """Shorten what is too long for the reader; it has to learn from it all the same."""
    return pieces if len(pieces) <= MAX_PIECES else [*pieces[: MAX_PIECES - 1], pieces[-1]]


def _other_form(text: str, chance: random.Random) -> str:
    case = chance.random()
    if case < _LOWER:
        text = text.lower()
    elif case < _LOWER + _UPPER:
        text = text.upper()
    if chance.random() < _PLAIN:
        spread = unicodedata.normalize("NFKD", text)
        text = "".join(c for c in spread if not unicodedata.combining(c))
    if chance.random() < _TYPOS:
        words = text.split(" ")
        for _ in range(1 + len(words) // _WORDS_A_TYPO):
            at = chance.randrange(len(words))
            words[at] = _mistyped(words[at], chance)
        text = " ".join(words)
    return text


def _mistyped(word: str, chance: random.Random) -> str:
    """Swap, drop or double a letter inside a longer word."""
    if len(word) < 5 or not word.isalpha():  # noqa: PLR2004 - a short word becomes another one
        return word
    at = chance.randrange(1, len(word) - 2)
    kind = chance.randrange(3)
    if kind == 0:
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    return word[:at] + word[at + 1 :] if kind == 1 else word[:at] + word[at] + word[at:]
