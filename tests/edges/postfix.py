"""A real Postfix on loopback: a border for mail from outside, and a submission port with TLS.

Nothing can leave the machine: no names are looked up, and every other domain is refused.
"""

import grp
import os
import pwd
import shutil
import smtplib
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.edges.dovecot import Dovecot, free_port, require, wait_for_port

_MASTER_PROGRAM = "/usr/lib/postfix/sbin/master"

_MAIN = """
compatibility_level = 3.6
queue_directory = {home}/spool
data_directory = {home}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
myhostname = mx.mailflow.test
mydomain = mailflow.test
mydestination =
mynetworks = 127.0.0.0/32
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
maillog_file = {home}/log
maillog_file_prefixes = {home}
alias_maps =
alias_database =
local_recipient_maps =
local_transport = error:5.1.1 no local delivery
virtual_mailbox_domains = mailflow.test
virtual_mailbox_maps = inline:{{ {mailboxes} }}
virtual_transport = lmtp:inet:127.0.0.1:{lmtp_port}
lmtp_tls_security_level = none
default_transport = error:5.7.1 nothing leaves this machine
relay_transport = error:5.7.1 nothing leaves this machine
smtp_dns_support_level = disabled
disable_dns_lookups = yes
recipient_delimiter = +
smtputf8_enable = yes
smtpd_tls_cert_file = {dovecot}/server.pem
smtpd_tls_key_file = {dovecot}/server.key
smtpd_tls_security_level = may
smtpd_sasl_type = dovecot
smtpd_sasl_path = inet:127.0.0.1:{sasl_port}
smtpd_recipient_restrictions = permit_sasl_authenticated, reject_unauth_destination
smtpd_relay_restrictions = permit_sasl_authenticated, reject_unauth_destination
in_flow_delay = 0
milter_protocol = 6
milter_default_action = tempfail
"""

_MASTER = """
127.0.0.1:{mx_port} inet n - n - - smtpd
  -o smtpd_sasl_auth_enable=no
  -o smtpd_milters={milters}
  -o smtpd_authorized_xclient_hosts=127.0.0.1
127.0.0.1:{submission_port} inet n - n - - smtpd
  -o smtpd_tls_security_level=encrypt
  -o smtpd_sasl_auth_enable=yes
  -o smtpd_tls_auth_only=yes
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
smtp unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
showq unix n - n - - showq
postlog unix-dgram n - n - 1 postlogd
"""


@dataclass(frozen=True, slots=True)
class Postfix:
    mx_port: int
    submission_port: int

    def deliver(self, raw: bytes, *, envelope: str, to: str, client: str = "192.0.2.10") -> None:
        """Hand a mail in as a foreign server would, from the address `client`."""
        with smtplib.SMTP("127.0.0.1", self.mx_port, timeout=30) as smtp:
            smtp.ehlo("out.example")
            smtp.docmd("XCLIENT", f"ADDR={client} NAME=out.example")
            smtp.ehlo("out.example")
            smtp.sendmail(envelope, [to], raw)


def require_postfix() -> None:
    """Skip without Postfix or without root, which it needs; in the full suite that is a failure."""
    require("postfix and dovecot-lmtpd", [], (_MASTER_PROGRAM, "/usr/lib/dovecot/lmtp"))
    require("root, for Postfix", [], ("/root/.",) if os.geteuid() == 0 else ("/nobody-is-root",))


@contextmanager
def running_postfix(
    dovecot: Dovecot, mailboxes: tuple[str, ...], milters: str = ""
) -> Iterator[Postfix]:
    with tempfile.TemporaryDirectory(prefix="post", dir="/tmp") as name:
        home = Path(name)
        home.chmod(0o755)
        server = Postfix(free_port(), free_port())
        _write_config(home, server, dovecot, (mailboxes, milters))
        # 'postfix start-fg' would look at every file of the system for seconds.
        command = [_MASTER_PROGRAM, "-c", str(home / "etc"), "-d"]
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        try:
            wait_for_port(server.mx_port, home / "log")
            wait_for_port(server.submission_port, home / "log")
            yield server
        finally:
            process.terminate()
            process.wait(30)


def _write_config(
    home: Path, server: Postfix, dovecot: Dovecot, wanted: tuple[tuple[str, ...], str]
) -> None:
    mailboxes, milters = wanted
    for folder in ("etc", "spool", "data"):
        (home / folder).mkdir()
    shutil.chown(home / "data", "postfix")
    main = _MAIN.format(
        home=home,
        dovecot=dovecot.home,
        mailboxes=", ".join(f"{{ {mailbox} = x }}" for mailbox in mailboxes),
        lmtp_port=dovecot.lmtp_port,
        sasl_port=dovecot.sasl_port,
    )
    master = _MASTER.format(
        mx_port=server.mx_port, submission_port=server.submission_port, milters=milters
    )
    for file, text in (("main.cf", main), ("master.cf", master)):
        (home / "etc" / file).write_text(text)
        # Postfix naps before it reads a file that is seconds old.
        os.utime(home / "etc" / file, (time.time() - 60,) * 2)
    _make_spool(home / "spool")


def _make_spool(spool: Path) -> None:
    user, group = pwd.getpwnam("postfix").pw_uid, grp.getgrnam("postdrop").gr_gid
    places = {
        "pid": (0o755, 0, 0),
        "maildrop": (0o730, user, group),
        "public": (0o710, user, group),
    }
    queues = "active bounce corrupt defer deferred flush hold incoming private saved trace"
    places |= dict.fromkeys(queues.split(), (0o700, user, 0))
    for name, (mode, owner, owning_group) in places.items():
        place = spool / name
        place.mkdir()
        os.chown(place, owner, owning_group)
        place.chmod(mode)
