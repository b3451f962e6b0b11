"""Who really sent a mail, on the word of our own border server and of nobody else."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from mailflow.settings.mail import Profile, Trust
from mailflow.understanding.meaning import Authenticity, MailKind, SenderVerdict
from mailflow.understanding.message import Message

_RESULT = re.compile(r"\s{0,9}([A-Za-z][\w-]{0,40})(?:/\d{1,9})?\s{0,9}=\s{0,9}([A-Za-z]{1,40})")
_PROPERTY = re.compile(
    r"(?<![\w.-])(header|smtp|policy|body)\.([\w-]{1,40})\s{0,9}=\s{0,9}(\"[^\"]*\"|[^\s;()\"]+)"
)
_LAST_BRACKETS = re.compile(r"<([^<>]*)>\s*(?:\([^()]*\)\s*)*$")
_COMMENT = re.compile(r"\([^()]*\)")
_METHODS = frozenset({"dmarc", "dkim", "spf"})


_GOOGLE = "mx.google.com"
_USUAL_HOPS = {Profile.POSTFIX: 1, Profile.RSPAMD: 2, Profile.GMAIL: 2, Profile.M365: 3}
_STAMPS_BELOW = frozenset({Profile.RSPAMD, Profile.GMAIL})  # its own Received line, and once


@dataclass(frozen=True, slots=True, kw_only=True)
class Border:
    """The server that stamps incoming mail, how many hops lie behind it, and what that is worth."""

    profile: Profile = Profile.POSTFIX
    authserv_id: str = ""  # "" believes no stamp of postfix or rspamd
    internal_hops: int | None = None  # None: what is usual for the profile
    alerts: Trust = Trust.PASS
    confirmations: Trust = Trust.PASS
    attestations: Trust = Trust.PASS

    @property
    def name(self) -> str:
        """Give the name it stamps with, lower case; "" where it has none."""
        if self.profile is Profile.M365:
            return ""
        usual = _GOOGLE if self.profile is Profile.GMAIL else ""
        return (self.authserv_id or usual).lower()

    @property
    def hops(self) -> int:
        return _USUAL_HOPS[self.profile] if self.internal_hops is None else self.internal_hops


def doubt(kind: MailKind, verdict: SenderVerdict, border: Border) -> str:
    """Say why nobody may act on such a mail before a person has looked; "" when they may."""
    trust = {
        MailKind.ALERT: border.alerts,
        MailKind.REPLY: border.confirmations,
        MailKind.STAFF: border.attestations,
    }.get(kind)
    if trust is None:
        return ""
    if trust is Trust.PERSON:
        return f"every {kind} is looked at by a person, as [authentication] says"
    if verdict.authenticity is Authenticity.PASS:
        return ""
    unstamped = verdict.authenticity is Authenticity.NONE and verdict.address
    if trust is Trust.UNSTAMPED and unstamped:
        return ""
    return f"nobody vouches that {kind} is from its sender: {verdict.because}"


@dataclass(frozen=True, slots=True)
class _Result:
    method: str
    outcome: str
    properties: tuple[tuple[str, str], ...]

    def values(self, name: str) -> set[str]:
        return {value for key, value in self.properties if key == name}


@dataclass(frozen=True, slots=True)
class _Stamp:
    authserv_id: str
    results: tuple[_Result, ...]


def authenticate(message: Message, border: Border) -> SenderVerdict:
    """Say whether the border vouches for the From address. Linear in the size of the headers."""
    address, trouble = _only_address(message)
    if trouble:
        return SenderVerdict(address="", authenticity=Authenticity.NONE, because=trouble)
    domain = address.rpartition("@")[2]
    results = tuple(_believed(message.headers, border))
    if results:
        authenticity, because = _verdict(results, domain)
    elif message.header("Authentication-Results"):
        authenticity, because = Authenticity.UNTRUSTED, "stamped, but not by our border server"
    else:
        authenticity, because = Authenticity.NONE, "our border server left no result"
    if authenticity in (Authenticity.NONE, Authenticity.UNTRUSTED):
        signer = next((s for s in message.signed_by if _is_above(s, domain)), "")
        if signer:
            authenticity, because = Authenticity.PASS, f"its DKIM signature by {signer} is good"
    return SenderVerdict(address=address, authenticity=authenticity, because=because)


def _only_address(message: Message) -> tuple[str, str]:
    headers = sum(name.lower() == "from" for name, _ in message.headers)
    if headers != 1:
        return "", f"{headers} From headers"
    if len(message.from_) != 1:
        return "", f"{len(message.from_)} readable addresses in From"
    if any(defect.startswith("AddressHeaderDefect: from") for defect in message.defects):
        return "", "the From header is ambiguous"
    address = message.from_[0].address
    if not address:
        return "", "the From address cannot be read"
    if _plainly_named(message.header("From")) != address:
        return "", "another program may read the From header differently"
    return address, ""


def _plainly_named(value: str) -> str:
    """Give what stands in the last angle brackets, or all there is without them and comments.

    A border may have judged what it read there, while a NUL or a stray bracket misleads a parser.
    """
    if "<" in value:
        last = _LAST_BRACKETS.search(value)
        return last[1].strip().lower() if last else ""
    return _COMMENT.sub("", value).strip().lower()


def _believed(headers: tuple[tuple[str, str], ...], border: Border) -> Iterator[_Result]:
    """Go from the top down to the border's own Received line; whatever lies below was sent in."""
    hops = 0
    for name, value in headers:
        lower = name.lower()
        if lower == "received":
            hops += 1
            if hops > border.hops:
                return
        elif lower == "authentication-results":
            stamp = _read(value)
            if border.profile is Profile.M365:
                if not stamp.authserv_id:
                    yield from stamp.results
                return  # only the topmost one is the server's
            if border.name and stamp.authserv_id == border.name:
                yield from stamp.results
                if border.profile in _STAMPS_BELOW:
                    return  # a second one came with the mail


def _verdict(results: tuple[_Result, ...], domain: str) -> tuple[Authenticity, str]:
    dmarc = [result for result in results if result.method == "dmarc"]
    outcomes = {result.outcome for result in dmarc}
    if len(outcomes) > 1:
        return Authenticity.FAIL, "contradicting dmarc results"
    if outcomes == {"fail"}:
        return Authenticity.FAIL, "dmarc=fail"
    if outcomes == {"pass"}:
        vouched = set().union(*(result.values("header.from") for result in dmarc))
        if vouched == {domain}:
            return Authenticity.PASS, f"dmarc=pass for {domain}"
        return Authenticity.FAIL, "dmarc=pass, but not for the domain in From"
    for result in results:
        if result.method == "dkim" and result.outcome == "pass" and _aligned(result, domain):
            return Authenticity.PASS, f"dkim=pass, aligned with {domain}"
    return Authenticity.NONE, "neither dmarc nor an aligned dkim result"


def _aligned(result: _Result, domain: str) -> bool:
    """Tell whether the signing domain is the From domain or above it, and no bare top level."""
    signers = result.values("header.d") or {
        identity.rpartition("@")[2] for identity in result.values("header.i")
    }
    return len(signers) == 1 and all(_is_above(signer, domain) for signer in signers)


def _is_above(signer: str, domain: str) -> bool:
    return "." in signer and (domain == signer or domain.endswith("." + signer))


def _read(value: str) -> _Stamp:
    clauses = _clauses(value)
    first = clauses[0] if clauses else ""
    authserv_id = ""
    if not _RESULT.match(first):
        authserv_id = next(iter(first.split()), "").strip('"').lower()
        clauses = clauses[1:]
    return _Stamp(authserv_id, tuple(_results(clauses)))


def _results(clauses: list[str]) -> Iterator[_Result]:
    for clause in clauses:
        match = _RESULT.match(clause)
        if match and match[1].lower() in _METHODS:
            properties = tuple(
                (f"{kind}.{name}".lower(), found.strip('"').lower())
                for kind, name, found in _PROPERTY.findall(clause)
            )
            yield _Result(match[1].lower(), match[2].lower(), properties)


def _clauses(value: str) -> list[str]:
    """Cut at semicolons outside of quotes and comments; comments are dropped."""
    clauses: list[list[str]] = [[]]
    depth, quoted, escaped = 0, False, False
    for char in value:
        if escaped:
            escaped = False
        elif char == "\\":
            escaped = True
        elif char == '"' and not depth:
            quoted = not quoted
            clauses[-1].append(char)
        elif not quoted and char in "()":
            depth = max(0, depth + (1 if char == "(" else -1))
        elif not depth and char == ";" and not quoted:
            clauses.append([])
        elif not depth:
            clauses[-1].append(char)
    return ["".join(clause).strip() for clause in clauses]
