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
protocols = imap
base_dir = {home}/run
state_dir = {home}/state
log_path = {home}/log
listen = 127.0.0.1
ssl = required
ssl_cert = <{home}/server.pem
ssl_key = <{home}/server.key
auth_mechanisms = plain login
auth_failure_delay = 0 secs
mail_location = maildir:{home}/mail/%u
mail_fsync = never
mailbox_idle_check_interval = 1 secs
first_valid_uid = 1
first_valid_gid = 1
{accounts}
namespace inbox {{
  inbox = yes
  separator = /
  mailbox Ausgang {{
    auto = create
    special_use = \\Sent
  }}
}}
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {home}/users
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={home}/mail/%u
}}
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


@dataclass(frozen=True, slots=True)
class Dovecot:
    tls_port: int
    starttls_port: int
    ca_file: Path


def require_dovecot() -> None:
    """Skip without Dovecot; in the full suite its absence is a failure."""
    if shutil.which("dovecot") and shutil.which("openssl"):
        return
    if os.environ.get("MAILFLOW_FULL_SUITE") == "1":
        pytest.fail("the full suite needs dovecot-core, dovecot-imapd and openssl")
    pytest.skip("dovecot or openssl is not installed")


@contextmanager
def running_dovecot() -> Iterator[Dovecot]:
    # Not below pytest's folder: a socket's path may have 107 characters at most.
    with tempfile.TemporaryDirectory(prefix="dove", dir="/tmp") as name:
        home = Path(name)
        home.chmod(0o755)
        _make_certificates(home)
        server = Dovecot(_free_port(), _free_port(), home / "ca.pem")
        _write_config(home, server)
        command = [shutil.which("dovecot") or "dovecot", "-F", "-c", str(home / "conf")]
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        try:
            _wait_for(server.tls_port, home)
            yield server
        finally:
            process.terminate()
            process.wait(20)


def _write_config(home: Path, server: Dovecot) -> None:
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
    (home / "users").write_text(f"{USER}:{{PLAIN}}{PASSWORD}::::::\n")
    (home / "conf").write_text(
        _CONFIG.format(
            home=home,
            accounts=accounts,
            user=entry.pw_uid,
            group=entry.pw_gid,
            tls_port=server.tls_port,
            starttls_port=server.starttls_port,
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


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port


def _wait_for(port: int, home: Path, seconds: float = 15) -> None:
    end = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            log = home / "log"
            why = log.read_text() if log.exists() else "no log"
            assert time.monotonic() < end, why
            time.sleep(0.05)
        else:
            return
