"""A real Dovecot on loopback, with a certificate of its own authority."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

USER, PASSWORD = "integration@mailflow.test", "stage"

_CONFIG = """
protocols = imap{lmtp}
base_dir = {home}/run
state_dir = {home}/state
log_path = {home}/log
listen = 127.0.0.1
ssl = required
ssl_cert = <{home}/server.pem
ssl_key = <{home}/server.key
auth_mechanisms = plain login{token_mechanisms}
auth_failure_delay = 0 secs
{capabilities}
recipient_delimiter = +
mail_location = maildir:{home}/mail/%u
mail_fsync = never
mailbox_idle_check_interval = 1 secs
first_valid_uid = 1
first_valid_gid = 1
{accounts}
namespace inbox {{
  inbox = yes
  separator = /
{special_use}
}}
{token_passdb}
passdb {{
  driver = passwd-file
  mechanisms = plain login
  args = scheme=PLAIN username_format=%u {home}/users
}}
userdb {{
  driver = passwd-file
  args = username_format=%u {home}/users
  default_fields = uid={user} gid={group} home={home}/mail/%u
}}
protocol lmtp {{
  auth_username_format = %Lu
}}
service auth {{
  unix_listener auth-userdb {{
    mode = 0666
  }}
  inet_listener {{
    address = 127.0.0.1
    port = {sasl_port}
  }}
}}
{lmtp_service}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {starttls_port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
"""


_SPECIAL_USE = """
  mailbox Ausgang {
    auto = create
    special_use = \\Sent
  }
"""

_LMTP = """
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {port}
  }}
}}
"""

_TOKEN_PASSDB = """
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {home}/oauth2.conf
}}
"""

_TOKEN_CONFIG = """
introspection_mode = post
introspection_url = {url}/introspect
username_attribute = email
username_format = %u
active_attribute = active
active_value = true
timeout_msecs = 5000
max_idle_time_msecs = 0
"""


@dataclass(frozen=True, slots=True)
class Dovecot:
    tls_port: int
    starttls_port: int
    ca_file: Path
    home: Path
    sasl_port: int
    lmtp_port: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What a test wants of its Dovecot."""

    capabilities: str = ""  # announced instead of its own, "" for its own
    token_server: str = ""  # address of the server that vouches for tokens
    lmtp: bool = False
    special_use: bool = True
    users: tuple[str, ...] = (USER,)


def require_dovecot() -> None:
    """Skip without Dovecot; in the full suite its absence is a failure."""
    require("dovecot-core, dovecot-imapd and openssl", ["dovecot", "openssl"])


def require(what: str, programs: list[str], paths: tuple[str, ...] = ()) -> None:
    if all(map(shutil.which, programs)) and all(Path(path).exists() for path in paths):
        return
    if os.environ.get("MAILFLOW_FULL_SUITE") == "1":
        pytest.fail(f"the full suite needs {what}")
    pytest.skip(f"not installed: {what}")


@contextmanager
def running_dovecot(wishes: Wishes = Wishes()) -> Iterator[Dovecot]:
    # Not below pytest's folder: a socket's path may have 107 characters at most.
    with tempfile.TemporaryDirectory(prefix="dove", dir="/tmp") as name:
        home = Path(name)
        home.chmod(0o755)
        _make_certificates(home)
        ports = [free_port() for _ in range(4)]
        server = Dovecot(ports[0], ports[1], home / "ca.pem", home, ports[2], ports[3])
        _write_config(home, server, wishes)
        command = [shutil.which("dovecot") or "dovecot", "-F", "-c", str(home / "conf")]
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        try:
            wait_for_port(server.tls_port, home / "log")
            if wishes.lmtp:
                wait_for_port(server.lmtp_port, home / "log")
            yield server
        finally:
            process.terminate()
            process.wait(20)


def _write_config(home: Path, server: Dovecot, wishes: Wishes) -> None:
    root = os.geteuid() == 0
    user = "nobody" if root else pwd.getpwuid(os.geteuid()).pw_name
    entry = pwd.getpwnam(user)
    accounts = "" if root else f"default_login_user = {user}\ndefault_internal_user = {user}\n"
    for folder in ("run", "state", "mail"):
        (home / folder).mkdir()
    if root:
        os.chown(home / "mail", entry.pw_uid, entry.pw_gid)
    else:
        accounts += f"default_internal_group = {entry.pw_gid}\n"
    lines = (f"{user}:{{PLAIN}}{PASSWORD}::::::\n" for user in wishes.users)
    (home / "users").write_text("".join(lines))
    (home / "oauth2.conf").write_text(_TOKEN_CONFIG.format(url=wishes.token_server))
    tokens = bool(wishes.token_server)
    (home / "conf").write_text(
        _CONFIG.format(
            home=home,
            accounts=accounts,
            user=entry.pw_uid,
            group=entry.pw_gid,
            tls_port=server.tls_port,
            starttls_port=server.starttls_port,
            sasl_port=server.sasl_port,
            special_use=_SPECIAL_USE if wishes.special_use else "",
            lmtp=" lmtp" if wishes.lmtp else "",
            lmtp_service=_LMTP.format(port=server.lmtp_port) if wishes.lmtp else "",
            token_mechanisms=" xoauth2 oauthbearer" if tokens else "",
            token_passdb=_TOKEN_PASSDB.format(home=home) if tokens else "",
            capabilities=f"imap_capability = {wishes.capabilities}" if wishes.capabilities else "",
        )
    )


def _make_certificates(home: Path) -> None:
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    _openssl(home, "req", "-x509", *key, "-days", "2", "-subj", "/CN=test authority",
             "-addext", "keyUsage=critical,keyCertSign,cRLSign",
             "-keyout", "ca.key", "-out", "ca.pem")  # fmt: skip
    _openssl(home, "req", *key, "-subj", "/CN=localhost",
             "-keyout", "server.key", "-out", "request")  # fmt: skip
    (home / "names").write_text("subjectAltName=DNS:localhost\nextendedKeyUsage=serverAuth\n")
    _openssl(home, "x509", "-req", "-in", "request", "-CA", "ca.pem", "-CAkey", "ca.key",
             "-CAcreateserial", "-days", "2", "-extfile", "names",
             "-out", "server.pem")  # fmt: skip


def _openssl(home: Path, *words: str) -> None:
    subprocess.run(["openssl", *words], cwd=home, check=True, capture_output=True)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port


def wait_for_port(port: int, log: Path, seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            why = log.read_text() if log.exists() else "no log"
            assert time.monotonic() < end, why
            time.sleep(0.05)
        else:
            return
