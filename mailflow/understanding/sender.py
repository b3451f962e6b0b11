"""Who really sent a mail, on the word of our own border server and of nobody else."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from mailflow.settings.mail import Profile
from mailflow.understanding.meaning import Authenticity, SenderVerdict
from mailflow.understanding.message import Message

_RESULT = re.compile(r"\s{0,9}([A-Za-z][\w-]{0,40})(?:/\d{1,9})?\s{0,9}=\s{0,9}([A-Za-z]{1,40})")
_PROPERTY = re.compile(
    r"(?<![\w.-])(header|smtp|policy|body)\.([\w-]{1,40})\s{0,9}=\s{0,9}(\"[^\"]*\"|[^\s;()\"]+)"
)
_METHODS = frozenset({"dmarc", "dkim", "spf"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Border:
    """The server that stamps incoming mail, and how many of our own hops lie behind it."""

    profile: Profile = Profile.RFC8601
    authserv_id: str = ""  # "" believes no stamp, except in the m365 profile, which has none
    internal_hops: int = 1


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
    results = tuple(_believed(message.headers, border))
    if results:
        authenticity, because = _verdict(results, address.rpartition("@")[2])
    elif message.header("Authentication-Results"):
        authenticity, because = Authenticity.UNTRUSTED, "stamped, but not by our border server"
    else:
        authenticity, because = Authenticity.NONE, "our border server left no result"
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
    return (address, "") if address else ("", "the From address cannot be read")


def _believed(headers: tuple[tuple[str, str], ...], border: Border) -> Iterator[_Result]:
    """Go from the top down to the border's own Received line; whatever lies below was sent in."""
    hops = 0
    for name, value in headers:
        lower = name.lower()
        if lower == "received":
            hops += 1
            if hops > border.internal_hops:
                return
        elif lower == "authentication-results":
            stamp = _read(value)
            if border.profile is Profile.M365:
                if not stamp.authserv_id:
                    yield from stamp.results
                return  # only the topmost one is the server's
            if border.authserv_id and stamp.authserv_id == border.authserv_id.lower():
                yield from stamp.results


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
    return len(signers) == 1 and all(
        "." in signer and (domain == signer or domain.endswith("." + signer)) for signer in signers
    )


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
