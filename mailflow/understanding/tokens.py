"""Reply addresses that carry a ticket and the proof that we gave it to these very addresses.

A token alone proves nothing: whoever writes must also be one of them, and vouched for.
"""

import hashlib
import hmac
import re
from base64 import b32encode
from collections.abc import Collection, Iterable, Sequence

STAFF = "staff"  # stands for every member of staff: they answer each other's mails
LEAST_KEY_BYTES = 32
_TOKEN_BYTES = 16  # 128 bit; 26 characters leave room in a local part of 64
_TAGGED = re.compile(
    r"[^\s@+]{1,64}\+([a-z][a-z0-9]{0,9}-\d{1,12})\.([a-z2-7]{26})@[^\s@]{1,253}", re.IGNORECASE
)


def make_token(key: bytes, ticket_id: str, given_to: Collection[str]) -> str:
    """Make the token for a ticket and the addresses that get it; case and order do not matter."""
    addresses = sorted({address.strip().lower() for address in given_to})
    bound = "\0".join(["mailflow-reply", ticket_id.upper(), *addresses]).encode()
    digest = hmac.new(key, bound, hashlib.sha256).digest()[:_TOKEN_BYTES]
    return b32encode(digest).decode("ascii").rstrip("=").lower()


def read_keys(text: str) -> list[bytes]:
    """Read the keys, one a line: the first one signs, all are accepted.

    Raises:
        ValueError: there is none, or one is too short to be safe.
    """
    keys = [line.strip().encode() for line in text.splitlines() if line.strip()]
    for number, key in enumerate(keys, 1):
        if len(key) < LEAST_KEY_BYTES:
            raise ValueError(f"key {number} has {len(key)} bytes, not {LEAST_KEY_BYTES} or more")
    if not keys:
        raise ValueError("it holds no key")
    return keys


def reply_address(mailbox: str, ticket_id: str, token: str) -> str:
    """Give `local+MF-1001.token@domain` for the mailbox `local@domain`."""
    local, _, domain = mailbox.rpartition("@")
    return f"{local}+{ticket_id}.{token}@{domain}"


def read_tokens(addresses: Iterable[str]) -> list[tuple[str, str]]:
    """Find (ticket, token) in addresses, each pair once. Nothing is checked yet."""
    matches = (_TAGGED.fullmatch(address.strip()) for address in addresses)
    return list(dict.fromkeys((m[1].upper(), m[2].lower()) for m in matches if m))


def check(keys: Sequence[bytes], ticket: str, given_to: Collection[str], token: str) -> bool:
    """Tell whether one of the keys, the newest or an older one, made the token; constant time."""
    given = token.lower().encode("utf-8", "replace")
    good = False
    for key in keys:
        good |= hmac.compare_digest(make_token(key, ticket, given_to).encode(), given)
    return good
