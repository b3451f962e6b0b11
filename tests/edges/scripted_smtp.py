"""An SMTP server that answers as told, or hangs up, or falls silent, at any step."""

import socket
import threading
from types import TracebackType
from typing import Self

HANG_UP, SILENCE = "hang up", "silence"


class ScriptedSmtp:
    """`answers` maps a step to its answer; steps: greeting, EHLO, AUTH, MAIL, RCPT, DATA, DOT.

    A list is used up one answer at a time, the last one stays.
    """

    def __init__(self, **answers: str | list[str]) -> None:
        self._answers = answers
        self._stop = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.connections = 0
        self.commands: list[str] = []
        self.bodies: list[bytes] = []
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
            self.connections += 1
            self._start(self._talk, connection)

    def _talk(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as lines:
            connection.settimeout(10)
            try:
                if self._answer(connection, "greeting", "220 ready"):
                    self._commands(connection, lines)
            except OSError:
                return

    def _commands(self, connection: socket.socket, lines) -> None:
        while line := lines.readline():
            step = line.split()[0].decode().upper()
            self.commands.append(line.decode().strip())
            usual = {"DATA": "354 go on", "AUTH": "235 welcome"}.get(step, "250 OK")
            if step == "EHLO":
                usual = "250-here\r\n250-AUTH PLAIN LOGIN\r\n250 SIZE 100000"
            if not self._answer(connection, step, usual):
                return
            if step == "DATA" and self._said.startswith("354"):
                self.bodies.append(b"".join(iter(lines.readline, b".\r\n")))
                if not self._answer(connection, "DOT", "250 taken"):
                    return

    def _answer(self, connection: socket.socket, step: str, usual: str) -> bool:
        told = self._answers.get(step, usual)
        if isinstance(told, list):
            told = told.pop(0) if len(told) > 1 else told[0]
        self._said = told
        if told == HANG_UP:
            return False
        if told == SILENCE:
            self._stop.wait(10)
            return False
        connection.sendall(told.encode() + b"\r\n")
        return not told.startswith("421")
