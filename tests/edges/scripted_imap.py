"""An IMAP server with few extensions that answers oddly, once, where it is told to.

A real mailbox in memory over a real socket. It announces a mail once, as servers do.
"""

import re
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

_STEP = re.compile(rb"(\S+) (UID )?(\S+) ?(.*)\r\n", re.DOTALL)
HANG_UP = b""
Odd = Callable[[bytes, list[bytes]], list[bytes]]  # tag and usual answer to what is sent instead


@dataclass
class Kept:
    """A mail in the mailbox."""

    uid: int
    raw: bytes
    flags: set[str] = field(default_factory=set)


class ScriptedImap:
    """`odd` maps a command to what becomes of its first answer; `extra` are its extensions.

    BODY is the FETCH of a whole mail.
    """

    def __init__(
        self,
        *raws: bytes,
        extra: str = "",
        keywords: bool = True,
        odd: dict[str, Odd] | None = None,
    ) -> None:
        self._lock = threading.RLock()
        self.inbox = [Kept(uid, raw) for uid, raw in enumerate(raws, 1)]
        self.moved: list[Kept] = []
        self._next = len(raws) + 1
        self._extra = extra
        self._flags = r"\Seen \*" if keywords else r"\Seen"
        self.odd = odd or {}  # what did not come up yet
        self.commands: list[str] = []
        self._stop = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(
        self, _t: type[BaseException] | None, _e: BaseException | None, _b: TracebackType | None
    ) -> None:
        self._stop.set()
        socket.create_connection(("127.0.0.1", self.port)).close()  # wakes accept()
        for thread in self._threads:
            thread.join(5)
        self._listener.close()

    def arrives(self, raw: bytes) -> None:
        """Put a mail in without a word to anybody."""
        with self._lock:
            self.inbox.append(Kept(self._next, raw))
            self._next += 1

    def undone(self) -> list[int]:
        """Give the UIDs that a client has not put away."""
        with self._lock:
            return [one.uid for one in self.inbox if "$MailflowDone" not in one.flags]

    def _start(self, target, *args) -> None:
        thread = threading.Thread(target=target, args=args)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            connection, _ = self._listener.accept()
            if self._stop.is_set():
                connection.close()
                return
            self._start(self._talk, connection)

    def _talk(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as lines:
            connection.settimeout(10)
            try:
                connection.sendall(b"* OK ready\r\n")
                while (line := lines.readline()) and self._answers(connection, lines, line):
                    pass
            except OSError:
                return

    def _answers(self, connection: socket.socket, lines, line: bytes) -> bool:
        told = _STEP.fullmatch(line)
        assert told, line
        tag, name, rest = told[1], told[3].decode().upper(), told[4].decode()
        self.commands.append(name)
        if name == "IDLE":
            wakes = b"* 3 EXISTS\r\n" if "IDLE" in self.odd else b""
            connection.sendall(b"+ idling\r\n" + wakes)
            lines.readline()
        with self._lock:
            answer = [*self._do(name, rest), tag + b" OK done\r\n"]
        step = "BODY" if "BODY" in rest else name
        if odd := self.odd.pop(step, None):
            answer = odd(tag, answer)
        for piece in answer:
            if piece == HANG_UP:
                return False
            connection.sendall(piece)
        return name != "LOGOUT"

    def _do(self, name: str, rest: str) -> list[bytes]:
        match name:
            case "CAPABILITY":
                return [f"* CAPABILITY IMAP4rev1 {self._extra}\r\n".encode()]
            case "LIST":
                return [f'* LIST () "/" {rest.rpartition(" ")[2]}\r\n'.encode()]
            case "SELECT" | "EXAMINE":
                return [
                    f"* {len(self.inbox)} EXISTS\r\n* FLAGS (\\Seen)\r\n".encode(),
                    f"* OK [PERMANENTFLAGS ({self._flags})] x\r\n".encode(),
                    f"* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT {self._next}] x\r\n".encode(),
                ]
            case "SEARCH":
                found = self._search(rest)
                return [f"* SEARCH {' '.join(map(str, found))}\r\n".encode()]
            case "FETCH":
                return [self._fetched(one, rest) for one in self._named(rest)]
            case "STORE":
                for one in self._named(rest):
                    one.flags |= set(rest.partition("(")[2].rstrip(")").split())
            case "COPY" | "MOVE":
                self.moved += self._named(rest)
            case _:
                pass  # a plain OK
        if name in {"MOVE", "EXPUNGE"}:
            self.inbox = [one for one in self.inbox if one not in self._named(rest)]
        return []

    def _search(self, rest: str) -> list[int]:
        start = int(re.search(r"UID (\d+)", rest)[1])  # type: ignore[index]  # always there
        undone = set(self.undone()) if "UNKEYWORD" in rest else {one.uid for one in self.inbox}
        return sorted(uid for uid in undone if uid >= start)

    def _named(self, rest: str) -> list[Kept]:
        uids = {int(uid) for uid in rest.partition(" ")[0].split(",")}
        return [one for one in self.inbox if one.uid in uids]

    def _fetched(self, one: Kept, rest: str) -> bytes:
        head = f"* {self.inbox.index(one) + 1} FETCH (UID {one.uid}"
        if "RFC822.SIZE" in rest:
            return f"{head} RFC822.SIZE {len(one.raw)})\r\n".encode()
        date = 'INTERNALDATE "02-Mar-2026 08:00:00 +0000"'
        return f"{head} {date} BODY[] {{{len(one.raw)}}}\r\n".encode() + one.raw + b")\r\n"
