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
    level: Box | None = None  # where it would stand on a level picture, when this one is tilted
    ink_height: float = 0.0  # of the letters, in pixels; 0: not measured
    colour: str = ""  # "red", "amber", "green", "blue" of letters or ground; "" for grey
    followed: bool = (
        False  # by something like letters that was not read; looked for when read twice
    )
    first: str = ""  # what the quick look had read, where a better one has read it again

    @property
    def place(self) -> Box:
        """Where the layout of the page sees it."""
        return self.level or self.box


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """A small coloured shape that is no text: an icon, a dot, a triangle."""

    box: Box
    colour: str  # as of words


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A picture, read. The fingerprint finds candidates for re-use, it never decides."""

    sha256: str  # of the file as it arrived
    pixels_sha256: str  # of the decoded pixels: the same picture in another container
    fingerprint: str  # perceptual hash, hexadecimal
    width: int
    height: int
    words: tuple[Words, ...]
    spots: tuple[Spot, ...] = ()
    findings: tuple[str, ...] = ()  # trailing data, differing frames, wrong type, ...
    metadata: tuple[tuple[str, str], ...] = ()  # what the file says of itself; proves nothing
