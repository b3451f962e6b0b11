"""The stage: a mail server, a job platform and a daemon, each real, all on this machine."""

import os
import smtplib
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from pathlib import Path
from typing import Self, TypeVar

from imapclient import IMAPClient

from mailflow.demo.mail_server import RunningMailServer, spawn_mail_server
from mailflow.demo.platform_server import PlatformServer
from mailflow.edges.clock import SystemClock
from mailflow.edges.mail_templates import shipped_folder
from mailflow.edges.platforms.simulated import SimulatedPlatform
from mailflow.store.unit_of_work import SqlMemory, open_memory
from mailflow.tickets.ticket import Ticket

T = TypeVar("T")

BOX = "integrations@mailflow.test"
ALERTS = "api@alerts.mailflow.test"
STAFF = "desk@staff.mailflow.test"
SHOP = "ops@north.example"
PEOPLE = {BOX: "box", ALERTS: "alerts", STAFF: "staff", SHOP: "north"}
_WAIT_SECONDS = 60

_CONFIG = """\
[inbox]
host = "127.0.0.1"
port = {imap}
security = "plain"
user = "{box}"
password_file = "box-password"
address = "{box}"

[outbox]
host = "127.0.0.1"
port = {smtp}
security = "plain"
user = "{box}"
password_file = "box-password"
unsure_grace_seconds = 1

[authentication]
authserv_id = "mail.mailflow.test"
internal_hops = 1

[database]
url = "{database}"

[staff]
members = ["{staff}"]
notify = ["{staff}"]

[replies]
token_key_file = "token-key"

[policy]
grouping_seconds = 0.5
probe_seconds = 0.5
working_days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

"""

_CONTACTS = f"""\
retailer,name,language,zone,contact
north,North Shop,en,Europe/Berlin,{SHOP}
"""


@dataclass(frozen=True, slots=True)
class Received:
    """A mail that somebody on the stage got."""

    raw: bytes
    message_id: str
    reply_to: str
    subject: str


class Stage:
    """Everything that mailflow meets, on loopback, below one folder. Use as a context manager."""

    more_settings = ""  # further tables of the configuration file

    def __init__(self, folder: Path, *, database: str = "") -> None:
        self.folder = folder
        self._database = database or f"sqlite:///{folder}/mailflow.db"
        # Longer than a second: pages show whole seconds, and a run must end after its start.
        self.platform = SimulatedPlatform(clock=SystemClock(), run_seconds=1.5)
        self._web = PlatformServer(self.platform)
        self._mail: RunningMailServer | None = None
        self.environ: dict[str, str] = {}  # added to the daemon's
        self._daemon: subprocess.Popen[bytes] | None = None
        self._memory: SqlMemory | None = None

    @property
    def config(self) -> Path:
        return self.folder / "mailflow.toml"

    def page_of(self, job: str) -> str:
        return f"http://127.0.0.1:{self._web.port}/jobs/{job}"

    def __enter__(self) -> Self:
        self._web.__enter__()
        self._mail = spawn_mail_server(PEOPLE)
        self._write_files()
        self._memory = open_memory(self._database)
        contacts = self.folder / "retailers.csv"
        self._mailflow("retailers", "import", str(contacts))
        self.start_daemon()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop_daemon()
        if self._memory is not None:
            self._memory.close()
        if self._mail is not None:
            self._mail.stop()
        self._web.__exit__(None, None, None)

    def _write_files(self) -> None:
        assert self._mail is not None
        text = _CONFIG.format(
            imap=self._mail.imap_port,
            smtp=self._mail.smtp_port,
            box=BOX,
            staff=STAFF,
            database=self._database,
        )
        example = shipped_folder().parent / "config" / "platforms" / "simulated.toml"
        port = str(self._web.port)
        text += example.read_text("utf-8").replace("8642", port)
        self.config.write_text(text + self.more_settings, encoding="utf-8")
        (self.folder / "box-password").write_text(PEOPLE[BOX], encoding="utf-8")
        (self.folder / "token-key").write_text("demo" * 16, encoding="utf-8")
        (self.folder / "retailers.csv").write_text(_CONTACTS, encoding="utf-8")

    def _mailflow(self, *words: str) -> None:
        command = [sys.executable, "-m", "mailflow", *words, "--config", str(self.config)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - our own command

    def start_daemon(self, program: Sequence[str] = ("-m", "mailflow", "run")) -> int:
        """Start `mailflow run`, or another program that runs it, in a process of its own.

        Returns its process id.
        """
        command = [sys.executable, *program, "--config", str(self.config)]
        with (self.folder / "mailflow.log").open("ab") as log:
            self._daemon = subprocess.Popen(  # noqa: S603 - same
                command, stdout=log, stderr=log, env={**os.environ, **self.environ}
            )
        return self._daemon.pid

    def daemon_ended(self) -> int | None:
        """Give the daemon's exit status, None while it runs; a signal's is negative."""
        return None if self._daemon is None else self._daemon.poll()

    def stop_daemon(self, *, kill: bool = False) -> None:
        """Ask it to end, or end it as a power cut would."""
        if self._daemon is None:
            return
        if kill:
            self._daemon.kill()
        else:
            self._daemon.terminate()
        self._daemon.wait(60)
        self._daemon = None

    def send(self, sender: str, to: str, subject: str, text: str, **more: object) -> None:
        """Send a mail as `sender`, logged in as that person; `more` may answer or attach."""
        assert self._mail is not None
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = sender, to, subject
        mail["Date"] = format_datetime(SystemClock().now())
        mail["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2])
        answered = more.get("answers")
        if isinstance(answered, Received):
            mail["In-Reply-To"] = mail["References"] = answered.message_id
        mail.set_content(text)
        picture = more.get("picture")
        if isinstance(picture, bytes):
            mail.add_attachment(picture, maintype="image", subtype="png", filename="job.png")
        with smtplib.SMTP("127.0.0.1", self._mail.smtp_port, timeout=20) as smtp:
            smtp.login(sender, PEOPLE[sender])
            smtp.send_message(mail)

    def mails_of(self, person: str) -> list[Received]:
        """Give every mail that lies in a person's inbox, oldest first."""
        assert self._mail is not None
        with IMAPClient("127.0.0.1", self._mail.imap_port, ssl=False) as client:
            client.login(person, PEOPLE[person])
            client.select_folder("INBOX", readonly=True)
            fetched = client.fetch(client.search(["ALL"]), ["BODY.PEEK[]"])
        return [_received(fetched[uid][b"BODY[]"]) for uid in sorted(fetched)]

    def tickets(self) -> list[Ticket]:
        assert self._memory is not None
        with self._memory.read() as uow:
            return list(uow.tickets.listed())

    def orders_left(self) -> list[str]:
        """Name every order that is neither done nor dropped."""
        assert self._memory is not None
        with self._memory.read() as uow:
            return [str(order["key"]) for order in uow.orders.waiting()]

    def on_the_shelf(self) -> list[str]:
        assert self._memory is not None
        with self._memory.read() as uow:
            return [item.because for item in uow.shelf.items()]

    def events_of(self, ticket: str) -> list[str]:
        assert self._memory is not None
        with self._memory.read() as uow:
            return [entry.event for entry in uow.tickets.story(ticket)]

    def wait_for(self, what: str, look: Callable[[], T | None]) -> T:
        """Look again and again until something is there.

        Raises:
            TimeoutError: it did not come about in time.
        """
        until = time.monotonic() + _WAIT_SECONDS
        while time.monotonic() < until:
            found = look()
            if found:
                return found
            time.sleep(0.1)
        raise TimeoutError(f"{what}: not within {_WAIT_SECONDS} s; see {self.folder}/mailflow.log")


def _received(raw: bytes) -> Received:
    mail = message_from_bytes(raw, policy=policy.default)
    return Received(raw, str(mail["Message-ID"]), str(mail["Reply-To"]), str(mail["Subject"]))


def just_now() -> str:
    """Give the time of day as an alert writes it."""
    return SystemClock().now().astimezone(UTC).isoformat(timespec="seconds")
