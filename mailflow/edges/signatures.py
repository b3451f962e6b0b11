"""Our own check of DKIM signatures (RFC 6376), for borders that say nothing. Off by default.

It is weaker than a border's word: keys are withdrawn, and SPF cannot be asked any more.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import structlog

from mailflow.tickets.errors import GiveUp
from mailflow.understanding.message import Message
from mailflow.workflow.ports import MailParser

log = structlog.get_logger()

# Gives the TXT record of a name, None where there is none. Both as dkimpy hands them around.
Lookup = Callable[[bytes], bytes | None]

_MOST_SIGNATURES = 5
_LEAST_RSA_BITS = 1024  # RFC 8301, section 3.2
_DNS_SECONDS = 5
_ALGORITHMS = frozenset({b"rsa-sha256", b"ed25519-sha256"})  # RFC 8301: never SHA-1
_DOMAIN = re.compile(rb"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?")
_MUST_SIGN = frozenset({b"from", b"to", b"subject"})  # a signature that leaves one out says little


class SignatureCheckingParser:
    """A parser whose messages say who signed them."""

    def __init__(self, parser: MailParser, lookup: Lookup | None = None) -> None:
        """Ask `lookup` for keys, or DNS.

        Raises:
            GiveUp: the packages it needs are not installed.
        """
        try:
            import dkim  # noqa: PLC0415 - an optional extra
            import dns.resolver  # noqa: PLC0415, F401 - same; dkimpy asks with it
        except ImportError as missing:
            raise GiveUp(
                "authentication.own_dkim needs more packages: pip install 'mailflow[dkim]'"
            ) from missing
        self._dkim = dkim
        self._parser = parser
        self._lookup = lookup

    def parse(self, raw: bytes) -> Message:
        """Parse, then check; a broken signature is as good as none.

        Raises:
            GiveUp, TryAgainLater: as the parser behind it.
        """
        return replace(self._parser.parse(raw), signed_by=self._signers(raw))

    def close(self) -> None:
        """End the parser behind it, if it wants an end."""
        getattr(self._parser, "close", lambda: None)()

    def _signers(self, raw: bytes) -> tuple[str, ...]:
        try:
            mail = self._dkim.DKIM(raw, minkey=_LEAST_RSA_BITS, timeout=_DNS_SECONDS)
            count = sum(name.lower() == b"dkim-signature" for name, _ in mail.headers)
        except Exception as problem:  # noqa: BLE001 - hostile bytes in a foreign parser
            log.info("mail.signature_refused", because=type(problem).__name__)
            return ()
        found = (self._good_signer(mail, index) for index in range(min(count, _MOST_SIGNATURES)))
        return tuple(dict.fromkeys(signer for signer in found if signer))

    def _good_signer(self, mail: Any, index: int) -> str:
        """Give the domain of a good signature, "" for any other."""
        signer = ""
        try:
            fields, _, _ = mail.verify_headerprep(index)
            why = _why_not(fields)
            if not why:
                good = (
                    mail.verify(index)
                    if self._lookup is None
                    else mail.verify(index, dnsfunc=self._asked)
                )
                why = "" if good else "it does not fit the mail"
                signer = fields[b"d"].strip().lower().decode("ascii")
        except Exception as problem:  # noqa: BLE001 - hostile bytes, no key, a DNS that is away
            why = f"{type(problem).__name__}: {problem}"[:200]
        if why:
            log.info("mail.signature_refused", because=why)
            return ""
        return signer

    def _asked(self, name: bytes, timeout: float = _DNS_SECONDS) -> bytes | None:  # noqa: ARG002 - dkimpy's shape
        assert self._lookup is not None
        return self._lookup(name)


def _why_not(fields: dict[bytes, bytes]) -> str:
    """Say what makes a signature worthless before its key is asked for."""
    if b"l" in fields:
        return "l= leaves room for text that nobody signed"
    if fields.get(b"a", b"").strip().lower() not in _ALGORITHMS:
        return "its algorithm is not to be trusted"
    if not _DOMAIN.fullmatch(fields.get(b"d", b"").strip().lower()):
        return "its domain cannot be read"
    signed = {name.strip().lower() for name in fields.get(b"h", b"").split(b":")}
    lacking = sorted(_MUST_SIGN - signed)
    return f"it does not sign {lacking[0].decode()}" if lacking else ""
