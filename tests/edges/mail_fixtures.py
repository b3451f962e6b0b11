"""Mail servers, settings and a memory for the tests of inbox and outbox."""

import contextlib
import smtplib
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from imapclient import IMAPClient

from mailflow.demo.mail_server import RunningMailServer
from mailflow.edges.inbox_imap import ImapInbox
from mailflow.edges.tokens import TokenSource
from mailflow.settings.mail import InboxSettings, OutboxSettings, Security
from mailflow.workflow.ports import IncomingMail, WrittenMail

US, RETAILER = "integration@mailflow.test", "ops@retailer.test"
PASSWORD = "stage"
USERS = {US: PASSWORD, RETAILER: PASSWORD}
LOOPBACK = "127.0.0.1"


class Memory:
    """Keeps mails as the store does: the same bytes once; may be told to fail."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self.offered: list[IncomingMail] = []
        self.kept: list[IncomingMail] = []
        self.states: list[str] = []
        self.refuse_next = 0
        self.refuse_containing = b""
        self.before_keep: Callable[[IncomingMail], object] = lambda _: None

    def keep(self, mail: IncomingMail) -> int:
        self.before_keep(mail)
        with self._changed:
            self.offered.append(mail)
            self._changed.notify_all()
            if self.refuse_next > 0:
                self.refuse_next -= 1
                raise RuntimeError("the disk is full")
            if self.refuse_containing and self.refuse_containing in mail.raw:
                raise RuntimeError("this one cannot be stored")
            if mail.raw not in [known.raw for known in self.kept]:
                self.kept.append(mail)
            self._changed.notify_all()
            return len(self.kept)

    def last_uid(self, folder: str, uidvalidity: int) -> int:
        mine = [m.uid for m in self.kept if (m.folder, m.uidvalidity) == (folder, uidvalidity)]
        return max(mine, default=0)

    def on_state(self, state: str) -> None:
        with self._changed:
            self.states.append(state)
            self._changed.notify_all()

    def wait_kept(self, count: int, seconds: float = 20) -> None:
        with self._changed:
            done = self._changed.wait_for(lambda: len(self.kept) >= count, seconds)
            assert done, f"{len(self.kept)} of {count} kept; states {self.states}"

    def wait_state(self, part: str, seconds: float = 20) -> None:
        with self._changed:
            done = self._changed.wait_for(lambda: any(part in s for s in self.states), seconds)
            assert done, self.states

    def wait_for(self, told: Callable[[], bool], seconds: float = 20) -> None:
        """Wait for something that is told by nobody."""
        end = time.monotonic() + seconds
        while not told():
            assert time.monotonic() < end, self.states
            time.sleep(0.05)

    def wait_offered(self, count: int, seconds: float = 20) -> None:
        with self._changed:
            done = self._changed.wait_for(lambda: len(self.offered) >= count, seconds)
            assert done, len(self.offered)


def password_file(folder: Path, password: str = PASSWORD) -> Path:
    path = folder / "password"
    path.write_text(password + "\n")
    return path


def inbox_settings(port: int, folder: Path, **changes: object) -> InboxSettings:
    values: dict[str, object] = {
        "host": LOOPBACK,
        "port": port,
        "security": Security.PLAIN,
        "user": US,
        "address": US,
        "password_file": password_file(folder),
        "connect_seconds": 5,
        "read_seconds": 5,
    }
    return InboxSettings.model_validate(values | changes)


def outbox_settings(port: int, folder: Path, **changes: object) -> OutboxSettings:
    values: dict[str, object] = {
        "host": LOOPBACK,
        "port": port,
        "security": Security.PLAIN,
        "user": US,
        "password_file": password_file(folder),
        "connect_seconds": 5,
        "read_seconds": 5,
    }
    return OutboxSettings.model_validate(values | changes)


@contextlib.contextmanager
def watching(
    settings: InboxSettings, memory: Memory, tokens: TokenSource | None = None
) -> Iterator[ImapInbox]:
    inbox = ImapInbox(
        settings,
        keep=memory.keep,
        last_uid=memory.last_uid,
        on_state=memory.on_state,
        tokens=tokens,
    )
    inbox.start()
    try:
        yield inbox
    finally:
        assert inbox.stop(5)


def mail_text(number: int, size: int = 0) -> bytes:
    head = f"From: {RETAILER}\r\nTo: {US}\r\nSubject: {number}\r\nMessage-ID: <{number}@t.test>\r\n"
    lines = "x" * 70 + "\r\n"
    return (head + f"\r\nmail {number}\r\n" + lines * (size // len(lines))).encode()


def written(number: int, to: tuple[str, ...] = (RETAILER,)) -> WrittenMail:
    raw = (
        f"From: {US}\r\nTo: {to[0]}\r\nMessage-ID: <{number}@mailflow.test>\r\n\r\n.dot\r\nend\r\n"
    )
    return WrittenMail(
        message_id=f"<{number}@mailflow.test>",
        sender=US,
        to=to,
        subject="",
        text="",
        raw=raw.encode(),
    )


def deliver(server: RunningMailServer, *mails: bytes, to: str = US) -> None:
    with smtplib.SMTP(LOOPBACK, server.smtp_port) as smtp:
        for mail in mails:
            smtp.sendmail(RETAILER, [to], mail)


@contextlib.contextmanager
def mailbox(server: RunningMailServer, user: str = US) -> Iterator[IMAPClient]:
    client = IMAPClient(LOOPBACK, server.imap_port, ssl=False)
    client.login(user, PASSWORD)
    try:
        yield client
    finally:
        client.logout()


def count(server: RunningMailServer, folder: str, user: str = US) -> int:
    with mailbox(server, user) as client:
        total: int = client.folder_status(folder, ["MESSAGES"])[b"MESSAGES"]
        return total


def wait_count(server: RunningMailServer, folder: str, number: int, seconds: float = 10) -> None:
    """Wait for another process to show `number` mails; there is nothing to be woken by."""
    end = time.monotonic() + seconds
    while (now := count(server, folder)) != number:
        assert time.monotonic() < end, f"{now} mails in {folder}, not {number}"
        time.sleep(0.05)
