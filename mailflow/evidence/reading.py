"""What was read off a picture. Plain values; no engine is known here."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A rectangle in pixels of the original picture, origin top left."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """One line of text that the engine found."""

    text: str
    box: Box
    confidence: float  # 0 to 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A picture, read. The fingerprint finds candidates for re-use, it never decides."""

    sha256: str  # of the file as it arrived
    pixels_sha256: str  # of the decoded pixels: the same picture in another container
    fingerprint: str  # perceptual hash, hexadecimal
    width: int
    height: int
    words: tuple[Words, ...]
    findings: tuple[str, ...] = ()  # trailing data, differing frames, wrong type, ...
    metadata: tuple[tuple[str, str], ...] = ()  # what the file says of itself; proves nothing
