"""The stage: a mail server, a job platform and a daemon, each real, all on this machine."""

import os
import smtplib
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from pathlib import Path
from typing import Protocol, Self, TypeVar

from mailflow.demo.mail_server import RunningMailServer, spawn_mail_server
from mailflow.demo.people import BOX, PEOPLE, SHOPS, STAFF, Postman, Received
from mailflow.demo.platform_server import PlatformServer
from mailflow.edges.clock import SystemClock
from mailflow.edges.mail_templates import shipped_folder
from mailflow.edges.platforms.simulated import SimulatedPlatform
from mailflow.store.unit_of_work import SqlMemory, open_memory
from mailflow.tickets.ticket import Ticket
from mailflow.workflow.records import Entry, SentMail

T = TypeVar("T")

_WAIT_SECONDS = 150  # on a machine that is busy with much else

_CONFIG = """\
[inbox]
host = "127.0.0.1"
port = {imap}
security = "plain"
user = "{box}"
password_file = "box-password"
address = "{box}"
{more}
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

[metrics]
port = 0

[policy]
grouping_seconds = 0.5
probe_seconds = 0.5
removal_grace_seconds = 2
mails_a_day = 9
working_days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

"""

# Jobs of this marketplace run on the same platform, whose pages mailflow looks at itself.
WATCHED_MARKET = "ibis"
# As root, as in a container, Chromium has no sandbox; it sees nothing but the stage's own pages.
_WATCHED = f"""
[platforms.watched.capture]
sandbox = {str(os.geteuid() != 0).lower()}
"""

_COLUMNS = "retailer,name,language,zone,contact"


class Process(Protocol):
    """As much of a daemon's process as the stage needs."""

    pid: int

    def poll(self) -> int | None: ...

    def kill(self) -> None: ...

    def terminate(self) -> None: ...

    def wait(self, timeout: float) -> int: ...


class Stage:
    """Everything that mailflow meets, on loopback, below one folder. Use as a context manager."""

    more_inbox = ""  # further lines of the table [inbox]
    more_settings = ""  # further tables of the configuration file

    def __init__(self, folder: Path, *, database: str = "") -> None:
        self.folder = folder
        self._database = database or f"sqlite:///{folder}/mailflow.db"
        # Longer than a second: pages show whole seconds, and a run must end after its start.
        self.platform = SimulatedPlatform(clock=SystemClock(), run_seconds=1.5)
        self._web = PlatformServer(self.platform)
        self._mail: RunningMailServer | None = None
        self.environ: dict[str, str] = {}  # added to the daemon's
        self._postman: Postman | None = None
        self._daemon: Process | None = None
        self._memory: SqlMemory | None = None

    @property
    def ports(self) -> tuple[int, int, int]:
        """The ports of IMAP, SMTP and the platform's pages."""
        assert self._mail is not None
        return self._mail.imap_port, self._mail.smtp_port, self._web.port

    @property
    def config(self) -> Path:
        return self.folder / "mailflow.toml"

    @property
    def daemon_pid(self) -> int:
        assert self._daemon is not None
        return self._daemon.pid

    def page_of(self, job: str) -> str:
        return f"http://127.0.0.1:{self._web.port}/jobs/{job}"

    def __enter__(self) -> Self:
        self._web.__enter__()
        self._mail = spawn_mail_server(PEOPLE)
        people = {person: word for person, word in PEOPLE.items() if person != BOX}
        self._postman = Postman(self._mail.imap_port, people)
        self._postman.start()
        self._write_files()
        self._memory = open_memory(self._database)
        contacts = self.folder / "retailers.csv"
        self._mailflow("retailers", "import", str(contacts))
        self.start_daemon()
        self.wait_for("the daemon's first look into the mailbox", self._is_watching)
        return self

    def _is_watching(self) -> bool:
        return '"state": "watching"' in (self.folder / "mailflow.log").read_text("utf-8")

    def __exit__(self, *_: object) -> None:
        self.stop_daemon()
        if self._memory is not None:
            self._memory.close()
        if self._postman is not None:
            self._postman.stop()
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
            more=self.more_inbox,
        )
        example = shipped_folder().parent / "config" / "platforms" / "simulated.toml"
        tables = example.read_text("utf-8").replace("8642", str(self._web.port))
        text += tables + self._watched(tables)
        self.config.write_text(text + self.more_settings, encoding="utf-8")
        (self.folder / "box-password").write_text(PEOPLE[BOX], encoding="utf-8")
        (self.folder / "token-key").write_text("demo" * 16, encoding="utf-8")
        rows = [f"{s.account},{s.name},{s.language},Europe/Berlin,{s.address}" for s in SHOPS]
        contacts = "\n".join([_COLUMNS, *rows, ""])
        (self.folder / "retailers.csv").write_text(contacts, encoding="utf-8")

    @staticmethod
    def _watched(tables: str) -> str:
        named = f'[platforms.simulated]\nmarketplaces = ["{WATCHED_MARKET}"]'
        watched = tables.replace("[platforms.simulated]", named, 1)
        return watched.replace("[platforms.simulated", "[platforms.watched") + _WATCHED

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
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = sender, to, subject
        mail["Date"] = format_datetime(SystemClock().now())
        mail["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2])
        answered = more.get("answers")
        if isinstance(answered, Received):
            mail["In-Reply-To"] = mail["References"] = answered.message_id
        mail.set_content(text, subtype="html" if text.startswith("<") else "plain")
        picture = more.get("picture")
        if isinstance(picture, bytes):
            mail.add_attachment(picture, maintype="image", subtype="png", filename="job.png")
        self.post(sender, mail)

    def post(self, login: str, mail: EmailMessage) -> None:
        """Send any mail at all, logged in as that person; the border stamps whether they fit."""
        assert self._mail is not None
        with smtplib.SMTP("127.0.0.1", self._mail.smtp_port, timeout=20) as smtp:
            smtp.login(login, PEOPLE[login])
            smtp.send_message(mail)

    def mails_of(self, person: str) -> list[Received]:
        """Give every mail that lies in a person's inbox, oldest first."""
        assert self._postman is not None
        return self._postman.mails_of(person)

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

    def story_of(self, ticket: str) -> list[Entry]:
        assert self._memory is not None
        with self._memory.read() as uow:
            return list(uow.tickets.story(ticket))

    def sent_about(self, ticket: str) -> list[SentMail]:
        """Give every mail about a ticket that mailflow wrote, oldest first."""
        assert self._memory is not None
        with self._memory.read() as uow:
            return list(uow.sent.of_ticket(ticket))

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


def just_now() -> str:
    """Give the time of day as an alert writes it."""
    return SystemClock().now().astimezone(UTC).isoformat(timespec="seconds")
