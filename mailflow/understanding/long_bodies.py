"""Keeps long bodies away from the standard library's parser, which holds every line of them twice.

A stretch without a blank line and without a line that starts with "--" has no structure in it, so
a word can stand in its place while the mail is parsed. 50 MB then cost 50 MB and not 400.
"""

import hashlib
import re
from dataclasses import dataclass

_LONG = 1 << 20  # bytes
_BREAK = re.compile(rb"\r?\n\r?\n|\r\r|[\r\n](?=--)")
_MOST_BREAKS = 50_000  # a mail of more is parsed as it came


@dataclass(frozen=True, slots=True)
class LongBodies:
    """What was taken out of a mail, by the word that stands in its place."""

    by_word: dict[str, bytes]

    def behind(self, payload: object) -> bytes | None:
        """Give the body that a payload stands for, None where it stands for itself."""
        if not self.by_word or not isinstance(payload, str) or len(payload) > _LONG:
            return None
        return self.by_word.get(payload.strip())


def without_long_bodies(raw: bytes) -> tuple[bytes, LongBodies]:
    """Give the mail with a word in place of each long body, and the bodies."""
    if len(raw) <= _LONG:
        return raw, LongBodies({})
    stretches = _long_stretches(raw)
    if not stretches:
        return raw, LongBodies({})
    # Nobody can write a mail that holds the digest of itself, so no sender can use such a word.
    name = hashlib.sha256(raw).hexdigest()
    by_word, pieces, last = {}, [], 0
    for number, (start, end) in enumerate(stretches):
        word = f"long-body-{name}-{number}"
        by_word[word] = raw[start:end]
        pieces += [raw[last:start], word.encode()]
        last = end
    return b"".join([*pieces, raw[last:]]), LongBodies(by_word)


def _long_stretches(raw: bytes) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    last = 0
    for number, match in enumerate(_BREAK.finditer(raw)):
        if number >= _MOST_BREAKS:
            return []
        if last and match.start() - last > _LONG:
            found.append((last, match.start()))
        last = match.end()
    if last and len(raw) - last > _LONG:
        found.append((last, len(raw)))
    return found
