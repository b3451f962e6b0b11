"""What a mail looks like once it is parsed. Plain values, safe to hand around and compare."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """One mailbox of an address header. `address` is lower case, "" where none could be read."""

    name: str
    address: str

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """One file in a mail. The name and the type are the sender's claim, nothing more."""

    path: str  # place in the MIME tree, "1.2"; stable, unlike names
    filename: str  # "" where none was given; never a path, no control or direction characters
    content_type: str
    inline: bool  # shown within the text, by disposition or Content-ID
    content_id: str
    sha256: str
    content: bytes = field(repr=False)

    @property
    def is_picture(self) -> bool:
        return self.content_type.startswith("image/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One parsed mail. Header values are decoded and hold no line breaks."""

    message_id: str  # with angle brackets; "" where missing or unreadable
    in_reply_to: tuple[str, ...]
    references: tuple[str, ...]
    subject: str
    from_: tuple[Address, ...]  # every address of every From header: more than one is suspicious
    reply_to: tuple[Address, ...]
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    date: datetime | None  # the sender's clock, aware UTC; None where unreadable
    text: str  # plain text: the text part, or the HTML part turned into text
    html: str  # "" where there is none
    headers: tuple[tuple[str, str], ...]  # top to bottom, names as written, values unfolded
    attachments: tuple[Attachment, ...]
    nested: tuple["Message", ...]  # mails attached as message/rfc822
    defects: tuple[str, ...]  # what the parser had to forgive
    signed_by: tuple[str, ...] = ()  # domains whose DKIM signatures we found good ourselves
    failed: tuple[str, ...] = ()  # addresses that a delivery report gives up, lower case
    waiting: tuple[str, ...] = ()  # addresses that a delivery report is still trying

    def header(self, name: str) -> str:
        """Give the topmost value of a header, "" where there is none; case does not matter."""
        return next((v for n, v in self.headers if n.lower() == name.lower()), "")
