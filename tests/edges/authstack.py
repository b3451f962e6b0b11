"""Real opendkim and opendmarc as Postfix filters, over a DNS of our own on loopback.

Both run in a mount namespace with a resolv.conf of their own, so they need root.
"""

import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import dkim
import dnslib
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from dnslib.server import BaseResolver, DNSLogger, DNSServer

from tests.edges.dovecot import require

AUTHSERV_ID = "mx.mailflow.test"
_DNS_ADDRESS = "127.0.0.253"  # opendmarc knows port 53 only

_OPENDKIM = """
Mode v
Syslog no
Socket local:{home}/dkim.sock
UMask 000
UserID root
AuthservID {name}
RemoveARFrom {name}
AlwaysAddARHeader yes
InternalHosts {home}/none
ExternalIgnoreList {home}/none
PeerList {home}/empty
Nameservers {dns}
ResolverConfiguration {home}/unbound.conf
DNSTimeout 5
On-Default accept
On-DNSError accept
"""
_UNBOUND = """server:
  local-zone: "test." nodefault
  do-not-query-localhost: no
forward-zone:
  name: "."
  forward-addr: {dns}
"""
_OPENDMARC = """
AuthservID {name}
TrustedAuthservIDs {name}
Socket local:{home}/dmarc.sock
UMask 000
IgnoreHosts {home}/none
RejectFailures false
SPFSelfValidate true
SPFIgnoreResults true
Syslog false
PublicSuffixList /usr/share/publicsuffix/public_suffix_list.dat
"""


@dataclass
class Zone(BaseResolver):  # type: ignore[misc]
    """What the DNS answers."""

    texts: dict[str, str] = field(default_factory=dict)

    def resolve(self, request: dnslib.DNSRecord, _handler: object) -> dnslib.DNSRecord:
        answer = request.reply()
        name = str(request.q.qname).rstrip(".").lower()
        text = self.texts.get(name)
        if text is not None and dnslib.QTYPE[request.q.qtype] == "TXT":
            pieces = [text[at : at + 250] for at in range(0, len(text), 250)]
            answer.add_answer(dnslib.RR(request.q.qname, 16, ttl=1, rdata=dnslib.TXT(pieces)))
        elif not any(known == name or known.endswith("." + name) for known in self.texts):
            answer.header.rcode = dnslib.RCODE.NXDOMAIN
        return answer

    def lookup(self, name: bytes) -> bytes | None:
        """Answer as a resolver that is handed in."""
        text = self.texts.get(name.decode().rstrip(".").lower())
        return text.encode() if text is not None else None


class Signer:
    """A domain with a DKIM key, an SPF record and a DMARC policy."""

    def __init__(self, domain: str, zone: Zone, *, address: str = "192.0.2.10") -> None:
        self.domain = domain
        key = rsa.generate_private_key(65537, 2048)
        self._pem = key.private_bytes(
            Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()
        )
        public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        body = "".join(public.decode().splitlines()[1:-1])
        zone.texts[f"sel._domainkey.{domain}"] = f"v=DKIM1; k=rsa; p={body}"
        zone.texts[f"_dmarc.{domain}"] = "v=DMARC1; p=reject"
        zone.texts[domain] = f"v=spf1 ip4:{address} -all"

    def sign(self, raw: bytes, **options: object) -> bytes:
        wanted: dict[str, object] = {"include_headers": [b"from", b"to", b"subject"]}
        wanted |= {"canonicalize": (b"relaxed", b"relaxed")}
        signature = dkim.sign(raw, b"sel", self.domain.encode(), self._pem, **(wanted | options))
        return bytes(signature) + raw


def require_authstack() -> None:
    """Skip without the two filters; in the full suite their absence is a failure."""
    require("opendkim and opendmarc", ["opendkim", "opendmarc", "unshare"])


@contextmanager
def running_authstack(zone: Zone) -> Iterator[str]:
    """Run the filters; gives the list of milters for Postfix."""
    with tempfile.TemporaryDirectory(prefix="auth", dir="/tmp") as name, ExitStack() as stack:
        home = Path(name)
        home.chmod(0o777)
        _write_config(home)
        for tcp in (False, True):
            quiet = DNSLogger("-request,-reply,-truncated,-error", prefix=False)
            server = DNSServer(zone, address=_DNS_ADDRESS, port=53, tcp=tcp, logger=quiet)
            server.start_thread()
            stack.callback(server.server.server_close)
            stack.callback(server.stop)
        _run(stack, home, "opendkim", "-f", "-x", f"{home}/opendkim.conf")
        _run(stack, home, "opendmarc", "-f", "-c", f"{home}/opendmarc.conf", "-u", "root")
        sockets = [home / "dkim.sock", home / "dmarc.sock"]
        _wait_for(sockets, home)
        yield ",".join(f"unix:{socket}" for socket in sockets)


def _write_config(home: Path) -> None:
    texts = {
        "opendkim.conf": _OPENDKIM,
        "opendmarc.conf": _OPENDMARC,
        "unbound.conf": _UNBOUND,
        "resolv.conf": "nameserver {dns}\noptions timeout:2 attempts:2\n",
        "none": "203.0.113.255\n",
        "empty": "",
    }
    for file, text in texts.items():
        (home / file).write_text(text.format(home=home, name=AUTHSERV_ID, dns=_DNS_ADDRESS))


def _run(stack: ExitStack, home: Path, *command: str) -> None:
    script = 'mount --bind "$0/resolv.conf" /etc/resolv.conf && exec "$@"'
    whole = ["unshare", "-m", "sh", "-c", script, str(home), *command]
    log = stack.enter_context((home / f"{command[0]}.log").open("wb"))
    process = subprocess.Popen(whole, stdout=log, stderr=log)
    stack.callback(process.wait, 30)
    stack.callback(process.terminate)


def _wait_for(sockets: list[Path], home: Path, seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not all(socket.exists() for socket in sockets):
        logs = "\n".join(log.read_text() for log in home.glob("*.log"))
        assert time.monotonic() < end, logs
        time.sleep(0.05)
