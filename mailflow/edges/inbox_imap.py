"""The shared mailbox: every mail is kept first, and only then put away on the server.

What is still in the folder and not marked as done is offered to `keep` again after a restart,
whatever its UID: `keep` knows what it has. No mail is put away on the strength of a number alone.
"""

import math
import random
import select
import socket
import ssl
import threading
import time
from collections.abc import Callable
from contextlib import suppress

import structlog
from imapclient import IMAPClient

from mailflow.edges.imap_fetch import fetch_mail
from mailflow.edges.imap_session import (
    TROUBLE,
    LoginRefused,
    buffered,
    close,
    connect,
    pending_exists,
)
from mailflow.edges.putting_away import PuttingAway, chosen_way
from mailflow.edges.tokens import TokenSource
from mailflow.settings.mail import InboxSettings, Login
from mailflow.tickets.errors import GiveUp, TryAgainLater
from mailflow.workflow.ports import IncomingMail

log = structlog.get_logger()

_WINDOW = 5_000  # UIDs in one SEARCH: an answer of more than 1 MB breaks imaplib
_BATCH = 200  # mails kept before they are put away together: a large Maildir is read anew each time
_FIRST_WAIT, _LONGEST_WAIT = 1.0, 300.0
_WAIT_AFTER_REFUSAL = 30.0  # trying a refused password often gets an account locked
_WAIT_AFTER_FAILED_KEEP = 5.0
_MOST_FAILED_KEEPS = 3  # in one look; then it is the memory that fails, not the mail
_MOST_ROUNDS = 5  # of vain searching because of announcements; a chatty server ends in IDLE anyway


class ImapInbox:
    """Watches one folder in a thread of its own.

    `keep` commits a mail before it returns; if it raises, the mail stays and is offered again.
    `last_uid(folder, uidvalidity)` gives the highest UID that was kept, 0 for none; it is asked
    only where the server can neither move nor mark mails.
    `on_state` is told in words what the watcher does, whenever that changes. Both are called
    from the watcher's thread.
    """

    def __init__(
        self,
        settings: InboxSettings,
        *,
        keep: Callable[[IncomingMail], object],
        last_uid: Callable[[str, int], int],
        on_state: Callable[[str], None],
        tokens: TokenSource | None = None,
    ) -> None:
        self._settings = settings
        self._tokens = tokens
        self._keep = keep
        self._last_uid = last_uid
        self._on_state = on_state
        self._state = ""
        self._halt = threading.Event()
        self._bell, self._button = socket.socketpair()
        for end in (self._bell, self._button):
            end.settimeout(0)
        self._thread = threading.Thread(target=self._run, name="inbox", daemon=True)
        self._client: IMAPClient | None = None
        self._looked_at = time.monotonic()
        self._has_looked = False
        self._wait = _FIRST_WAIT
        self._sign_at = time.monotonic()

    def start(self) -> None:
        """Begin to watch; a server that is away is waited for."""
        self._looked_at = time.monotonic()
        self._thread.start()

    def stop(self, seconds: float) -> bool:
        """End within about `seconds`; tells whether the thread has ended."""
        self._halt.set()
        self.kick()
        if self._thread.ident is None:
            self._bell.close()
            self._button.close()
            return True
        self._thread.join(seconds)
        if self._thread.is_alive() and (client := self._client) is not None:
            with suppress(OSError, AttributeError):  # it waits for the server: hang up
                client.socket().shutdown(socket.SHUT_RDWR)
            self._thread.join(1)
        return not self._thread.is_alive()

    def kick(self) -> None:
        """Look now."""
        with suppress(OSError):
            self._button.send(b"!")

    def is_stuck(self) -> bool:
        """Has the watcher ended, or shown no sign of life for longer than it may be silent?

        A server that is away does not make it stuck: it tries again and again.
        """
        each = self._settings
        longest = max(each.idle_seconds, each.poll_seconds, _LONGEST_WAIT * 1.2)
        longest += 4 * (each.connect_seconds + each.read_seconds)
        silent = time.monotonic() - self._sign_at
        return silent > longest or (self._thread.ident is not None and not self._thread.is_alive())

    def seconds_since_look(self) -> float:
        """Seconds since the folder was last seen to hold nothing new, or since the start."""
        return time.monotonic() - self._looked_at

    def seconds_since_whole_look(self) -> float:
        """The same, but infinite until the first look: what came before it is not known."""
        return self.seconds_since_look() if self._has_looked else math.inf

    def _run(self) -> None:
        try:
            while not self._halt.is_set():
                self._sign_at = time.monotonic()
                self._watch()
                if not self._halt.is_set():
                    self._sleep(self._wait * random.uniform(0.8, 1.2))  # noqa: S311 - jitter
                    self._wait = min(self._wait * 2, _LONGEST_WAIT)
        finally:
            self._bell.close()
            self._button.close()

    def _watch(self) -> None:
        """One connection, from login to its end."""
        try:
            self._client = connect(self._settings, self._tokens)
            self._attend(self._client, self._ends_at())
        except LoginRefused as refusal:
            self._wait = max(self._wait, _WAIT_AFTER_REFUSAL)
            self._tell(f"login refused: {refusal}")
        except GiveUp as problem:
            self._wait = max(self._wait, _WAIT_AFTER_REFUSAL)
            self._tell(problem.reason)
        except TryAgainLater as problem:
            self._tell(problem.reason)
        except ssl.SSLCertVerificationError as problem:
            self._wait = max(self._wait, _WAIT_AFTER_REFUSAL)
            self._tell(f"certificate not trusted: {problem.verify_message}")
        except TROUBLE as problem:
            self._tell(f"connection lost: {type(problem).__name__}: {problem}")
        except Exception as defect:  # the watcher must outlive every server
            log.exception("inbox.defect")
            self._tell(f"failed: {type(defect).__name__}: {defect}")
        finally:
            client, self._client = self._client, None
            if client is not None:
                close(client)

    def _ends_at(self) -> float:
        """Say when this session is to be given up: servers cut it when its token runs out."""
        if self._tokens is None or self._settings.login is not Login.OAUTH2:
            return math.inf
        return self._tokens.token().renew_at

    def _attend(self, client: IMAPClient, ends_at: float) -> None:
        way = chosen_way(client, self._settings)
        opened = client.select_folder(self._settings.folder)
        look = _Look(self._settings, way, opened, self._keep_signed)
        if way is PuttingAway.NOTHING:
            look.begin_at = self._last_uid(self._settings.folder, look.uidvalidity) + 1
        idles = self._settings.use_idle and client.has_capability("IDLE")
        while not self._halt.is_set():
            whole = self._look(client, look)
            left = ends_at - time.time()
            if left <= 0:
                return
            if not whole:
                self._sleep(_WAIT_AFTER_FAILED_KEEP)
                client.noop()
            elif idles:
                self._idle(client, min(self._settings.idle_seconds, left))
            else:
                self._sleep(min(self._settings.poll_seconds, left))
                client.noop()

    def _look(self, client: IMAPClient, look: "_Look") -> bool:
        """Take in all there is; False when a mail could not be kept or put away."""
        rounds = 0
        while not self._halt.is_set() and rounds < _MOST_ROUNDS:
            self._sign_at = time.monotonic()
            pending_exists(client)  # what was announced so far, the search will find
            found = look.take_in(client, self._halt.is_set)
            if look.trouble:
                self._tell(look.trouble)
                return False
            if found:
                continue  # more may have come meanwhile
            if not pending_exists(client):
                break
            rounds += 1
        if self._halt.is_set():  # broken off: a witness may lie where nobody has looked
            return False
        self._looked_at = time.monotonic()
        self._has_looked = True
        self._wait = _FIRST_WAIT
        self._tell("watching")
        return True

    def _keep_signed(self, mail: IncomingMail) -> object:
        self._sign_at = time.monotonic()
        return self._keep(mail)

    def _idle(self, client: IMAPClient, seconds: float) -> None:
        client.idle()
        try:
            if not buffered(client):
                poll = select.poll()
                poll.register(client.socket(), select.POLLIN)
                poll.register(self._bell, select.POLLIN)
                poll.poll(max(1.0, seconds * 1000))
        finally:
            self._silence_bell()
            client.idle_done()  # blocking: whole lines, and an end of the stream raises

    def _sleep(self, seconds: float) -> None:
        if not self._halt.is_set():
            select.select([self._bell], [], [], seconds)
        self._silence_bell()

    def _silence_bell(self) -> None:
        with suppress(BlockingIOError):
            self._bell.recv(4096)

    def _tell(self, state: str) -> None:
        if state == self._state:
            return
        self._state = state
        log.info("inbox.state", folder=self._settings.folder, state=state)
        try:
            self._on_state(state)
        except Exception:  # a listener's defect must not stop the mail
            log.exception("inbox.listener_failed")


class _Look:
    """Takes in what lies in the folder, over the life of one connection."""

    def __init__(
        self,
        settings: InboxSettings,
        way: PuttingAway,
        opened: dict[bytes, int],
        keep: Callable[[IncomingMail], object],
    ) -> None:
        self._settings = settings
        self._way = way
        self._keep = keep
        self.uidvalidity = opened[b"UIDVALIDITY"]
        few = opened.get(b"EXISTS", 0) <= _WINDOW  # then one search cannot answer too much
        self._next_uid = 1 if few else opened.get(b"UIDNEXT", 1)
        self.begin_at = 1  # below it, nothing is left to do
        self.trouble = ""  # why the last look was not whole
        self._kept: set[int] = set()  # kept, but not yet put away

    def take_in(self, client: IMAPClient, halted: Callable[[], bool]) -> bool:
        """Keep and put away all that is there; tells whether there was anything."""
        self.trouble = ""
        failed: list[int] = []
        start, found = self.begin_at, False
        while not halted():
            end = start + _WINDOW if start + _WINDOW < self._next_uid else None
            uids = self._search(client, start, end)
            found = found or bool(uids)
            for at in range(0, len(uids), _BATCH):
                failed += self._take_batch(client, uids[at : at + _BATCH], halted)
                if halted() or self._hopeless(failed):
                    return True
            self._next_uid = max([self._next_uid, *(uid + 1 for uid in uids)])
            start = end or self._next_uid
            if end is None:
                break
            self.begin_at = min([start, *failed])
        self.begin_at = min([start, *failed])
        return found

    def _hopeless(self, failed: list[int]) -> bool:
        # Without marks on the server, only the order of UIDs tells what was kept.
        return len(failed) >= (1 if self._way is PuttingAway.NOTHING else _MOST_FAILED_KEEPS)

    def _search(self, client: IMAPClient, start: int, end: int | None) -> list[int]:
        criteria = ["UID", f"{start}:{end - 1 if end else '*'}", *self._way.still_to_do]
        # "n:*" always gives the last mail, even one below n.
        return sorted(uid for uid in client.search(criteria) if uid >= start)

    def _take_batch(
        self, client: IMAPClient, uids: list[int], halted: Callable[[], bool]
    ) -> list[int]:
        """Keep a batch, put it away; gives the UIDs for which one of the two failed."""
        sizes = client.fetch(uids, ["RFC822.SIZE"])
        failed: list[int] = []
        for uid in uids:
            if halted() or self._hopeless(failed):
                break
            if uid not in sizes or uid in self._kept:
                continue  # gone meanwhile, or only the putting away is left
            mail = fetch_mail(
                client, self._settings, self.uidvalidity, (uid, sizes[uid].get(b"RFC822.SIZE", 0))
            )
            if mail is not None and not self._kept_safely(mail):
                failed.append(uid)
        return failed + self._put_away(client, [uid for uid in uids if uid in self._kept])

    def _kept_safely(self, mail: IncomingMail) -> bool:
        try:
            self._keep(mail)
        except Exception as problem:  # whatever it is, the mail must stay on the server
            log.exception("inbox.not_kept", uid=mail.uid)
            self.trouble = f"mail {mail.uid} cannot be kept: {type(problem).__name__}: {problem}"
            return False
        self._kept.add(mail.uid)
        return True

    def _put_away(self, client: IMAPClient, uids: list[int]) -> list[int]:
        if not uids:
            return []
        try:
            self._way.put_away(client, uids, self._settings.processed_folder)
        except client.AbortError:
            raise
        except client.Error as refusal:  # full, read-only, or the folder is gone
            self.trouble = f"kept mails cannot be put away: {refusal}"
            return uids
        self._kept.difference_update(uids)
        return []
