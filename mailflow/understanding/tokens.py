"""Reply addresses that carry a ticket and the proof that we gave it to this very address."""

import hashlib
import hmac
import re
from base64 import b32encode
from collections.abc import Iterable, Sequence

_TOKEN_BYTES = 16  # 128 bit; 26 characters leave room in a local part of 64
_TAGGED = re.compile(
    r"[^\s@+]{1,64}\+([a-z][a-z0-9]{0,9}-\d{1,12})\.([a-z2-7]{26})@[^\s@]{1,253}", re.IGNORECASE
)


def make_token(key: bytes, ticket_id: str, address: str) -> str:
    """Make the token for a ticket and the one address it is given to; case does not matter."""
    bound = f"mailflow-reply\0{ticket_id.upper()}\0{address.strip().lower()}".encode()
    digest = hmac.new(key, bound, hashlib.sha256).digest()[:_TOKEN_BYTES]
    return b32encode(digest).decode("ascii").rstrip("=").lower()


def reply_address(mailbox: str, ticket_id: str, token: str) -> str:
    """Give `local+MF-1001.token@domain` for the mailbox `local@domain`."""
    local, _, domain = mailbox.rpartition("@")
    return f"{local}+{ticket_id}.{token}@{domain}"


def read_tokens(addresses: Iterable[str]) -> list[tuple[str, str]]:
    """Find (ticket, token) in addresses, each pair once. Nothing is checked yet."""
    matches = (_TAGGED.fullmatch(address.strip()) for address in addresses)
    return list(dict.fromkeys((m[1].upper(), m[2].lower()) for m in matches if m))


def check(keys: Sequence[bytes], ticket: str, address: str, token: str) -> bool:
    """Tell whether one of the keys, the newest or an older one, made the token; constant time."""
    given = token.lower().encode("utf-8", "replace")
    good = False
    for key in keys:
        good |= hmac.compare_digest(make_token(key, ticket, address).encode(), given)
    return good
