"""A small mail server for the demo and the tests: IMAP and SMTP over the same mailboxes, in memory.

pymap's memory backend and aiosmtpd share one event loop, so that a delivery wakes whoever idles.
It runs as a process of its own: a large APPEND blocks its loop while pymap parses.
"""

import argparse
import asyncio
import logging
import subprocess
import sys
import time
from argparse import Namespace
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self
from uuid import uuid4

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from proxyprotocol.sock import SocketInfoLocal
from pymap.backend.dict import DictBackend
from pymap.backend.dict import mailbox as pymap_mailbox
from pymap.backend.dict.filter import FilterSet
from pymap.backend.dict.mailbox import MailboxData, MailboxSet
from pymap.imap import IMAPServer
from pymap.parsing.message import AppendMessage
from pymap.parsing.specials.flag import Recent, Wildcard, get_system_flags
from pymap.user import Passwords, UserMetadata

from mailflow.demo.border import stamp

_LOOPBACK = "127.0.0.1"
_FOLDERS = ("Processed", "Sent")
_MOST_BYTES = 50 * 2**20
_LINE_LIMIT = 2**20


class _Mailbox(MailboxData):
    """pymap's mailbox without two of its faults."""

    async def update_selected(self, selected: Any, *, wait_on: Any = None) -> Any:
        # What arrived between the last command and IDLE would never be announced.
        if wait_on is not None and self._mod_sequences.highest > (selected.mod_sequence or 0):
            wait_on = None
        return await super().update_selected(selected, wait_on=wait_on)

    @property
    def permanent_flags(self) -> frozenset[Any]:
        # Otherwise STORE drops keywords without a word.
        return frozenset((get_system_flags() | {Wildcard}) - {Recent})


class _WholeAnswers:
    """Sends an answer in one piece; pymap writes token by token, which splits lines."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self._waiting = bytearray()

    def write(self, data: bytes) -> None:
        self._waiting += data

    def writelines(self, lines: Sequence[bytes]) -> None:
        self._waiting += b"".join(lines)

    async def drain(self) -> None:
        self._flush()
        await self._writer.drain()

    def close(self) -> None:
        self._flush()
        self._writer.close()

    def _flush(self) -> None:
        if self._waiting and not self._writer.is_closing():
            self._writer.write(bytes(self._waiting))
        self._waiting.clear()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._writer, name)


class EmbeddedMail:
    """The server: `users` maps addresses to passwords. Ports of 0 are chosen by the system."""

    def __init__(self, users: Mapping[str, str], *, imap_port: int = 0, smtp_port: int = 0) -> None:
        self._users = {address.lower(): password for address, password in users.items()}
        self.imap_port = imap_port
        self.smtp_port = smtp_port
        self._servers: list[asyncio.Server] = []

    async def start(self) -> None:
        """Open both ports; `imap_port` and `smtp_port` tell them."""
        pymap_mailbox.MailboxData = _Mailbox  # type: ignore[misc]  # where its sets look it up
        await self._make_mailboxes()
        await self._listen_imap()
        await self._listen_smtp()

    async def _make_mailboxes(self) -> None:
        first, password = next(iter(self._users.items()))
        options = Namespace(
            host=_LOOPBACK, port=0, debug=False, cert=None, key=None, tls=False,
            passlib_cfg=None, proxy_protocol=None, inherited_sockets=None,
            demo_data=False, demo_user=first, demo_password=password,
        )  # fmt: skip
        self._backend, self._config = await DictBackend.init(options, invalid_user_sleep=0.0)
        self._config.apply_context()
        passwords = Passwords(self._config)
        for user, secret in self._users.items():
            hashed = await passwords.hash_password(secret)
            entry = UserMetadata(self._config, user, password=hashed)
            self._backend.login.users_dict[user] = entry
            mailboxes = MailboxSet()
            for folder in _FOLDERS:
                await mailboxes.add_mailbox(folder)
            self._config.set_cache[user] = (mailboxes, FilterSet())

    async def _listen_imap(self) -> None:
        serve = IMAPServer(self._backend.login, self._config)

        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            # Not pymap's own service: its task is referenced by no one and may vanish.
            whole: Any = _WholeAnswers(writer)
            info = SocketInfoLocal(writer, unique_id=uuid4().bytes)
            try:
                await serve(reader, whole, info)
            except (ConnectionError, asyncio.IncompleteReadError):
                writer.close()

        server = await asyncio.start_server(talk, _LOOPBACK, self.imap_port, limit=_LINE_LIMIT)
        self.imap_port = server.sockets[0].getsockname()[1]
        self._servers.append(server)

    async def _listen_smtp(self) -> None:
        loop = asyncio.get_running_loop()

        def session() -> SMTP:
            return SMTP(
                self, data_size_limit=_MOST_BYTES, enable_SMTPUTF8=True, loop=loop,
                auth_require_tls=False, authenticator=self._admit, ident="mailflow demo",
            )  # fmt: skip

        server = await loop.create_server(session, _LOOPBACK, self.smtp_port)
        self.smtp_port = server.sockets[0].getsockname()[1]
        self._servers.append(server)

    def _admit(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: Any
    ) -> AuthResult:
        if not isinstance(data, LoginPassword):
            return AuthResult(success=False)
        login = data.login.decode(errors="replace").lower()
        known = self._users.get(login)
        right = known is not None and known == data.password.decode(errors="replace")
        return AuthResult(success=right, handled=False, auth_data=login)

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: Any
    ) -> str:
        local, _, domain = address.lower().rpartition("@")
        user = f"{local.partition('+')[0]}@{domain}"  # what follows a plus is the user's own
        if user not in self._users:
            return "550 5.1.1 no such user here"
        envelope.rcpt_tos.append(user)
        return "250 2.1.5 OK"

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        login = str(session.auth_data) if session.authenticated else ""
        peer = session.host_name or "unknown"
        raw = stamp(envelope.original_content or b"", login=login, peer=peer)
        for user in dict.fromkeys(envelope.rcpt_tos):
            await self._deliver(user, raw)
        return "250 2.0.0 delivered"

    async def _deliver(self, user: str, raw: bytes) -> None:
        inbox = await self._config.set_cache[user][0].get_mailbox("INBOX")
        arrived = datetime.fromtimestamp(time.time(), UTC)  # this is the outside: its own clock
        await inbox.append(AppendMessage(raw, arrived, frozenset()), recent=True)

    async def stop(self) -> None:
        """Close both ports; open sessions end with the process."""
        for server in self._servers:
            server.close()


@dataclass(frozen=True, slots=True)
class RunningMailServer:
    """A mail server in a process of its own. It ends when this process ends, however it ends."""

    imap_port: int
    smtp_port: int
    process: "subprocess.Popen[str]"

    def stop(self) -> None:
        """End it for good, as by SIGKILL: it keeps nothing anyway."""
        self.process.kill()
        self.process.communicate()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def spawn_mail_server(
    users: Mapping[str, str], *, imap_port: int = 0, smtp_port: int = 0
) -> RunningMailServer:
    """Start a server process for `users` (address to password) and wait until it listens.

    Raises:
        RuntimeError: it did not come up.
    """
    command = [sys.executable, "-m", "mailflow.demo.mail_server", "--until-stdin-ends"]
    command += ["--imap-port", str(imap_port), "--smtp-port", str(smtp_port)]
    for address, password in users.items():
        command += ["--user", f"{address}:{password}"]
    process = subprocess.Popen(  # noqa: S603 - our own module
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,  # Ctrl-C in the terminal is for the daemon, which needs us to stop
    )
    assert process.stdout is not None
    words = process.stdout.readline().split()
    if words[:1] != ["READY"]:
        process.kill()
        process.communicate()
        raise RuntimeError("the demo mail server did not start; its own output says why")
    return RunningMailServer(int(words[1]), int(words[2]), process)


def _user(text: str) -> tuple[str, str]:
    address, colon, password = text.partition(":")
    if not colon or "@" not in address:
        raise argparse.ArgumentTypeError(f"{text!r} is not address:password")
    return address, password


async def _serve(options: Namespace) -> None:
    server = EmbeddedMail(
        dict(options.user), imap_port=options.imap_port, smtp_port=options.smtp_port
    )
    await server.start()
    sys.stdout.write(f"READY {server.imap_port} {server.smtp_port}\n")
    sys.stdout.flush()
    if options.until_stdin_ends:
        await asyncio.to_thread(sys.stdin.read)
    else:
        await asyncio.Event().wait()
    await server.stop()


def main() -> None:
    """Run the server until it is interrupted."""
    # aiosmtpd warns of a property that it sets itself at every login.
    logging.getLogger("mail.log").setLevel(logging.ERROR)
    parser = argparse.ArgumentParser(prog="python -m mailflow.demo.mail_server")
    parser.add_argument("--user", action="append", required=True, type=_user)
    parser.add_argument("--imap-port", type=int, default=0)
    parser.add_argument("--smtp-port", type=int, default=0)
    parser.add_argument("--until-stdin-ends", action="store_true")
    try:
        asyncio.run(_serve(parser.parse_args()))
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
