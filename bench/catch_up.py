"""How a mailbox of many mails is caught up: time, memory, and whether each mail is kept once.

    .venv/bin/python -m bench.catch_up            100,000 mails of 3 kB, at a real Dovecot
    .venv/bin/python -m bench.catch_up 10000      fewer

The mails are written into Dovecot's folder as files, before it is asked for the first time. Exit
status 1 when a mail is missing or kept twice, or when the comparison afterwards finds a difference.
"""

import math
import os
import resource
import sys
import tempfile
import threading
import time
from datetime import date
from pathlib import Path

import sqlalchemy as sa

from mailflow import logs
from mailflow.edges.inbox_imap import ImapInbox
from mailflow.edges.reconciling import differences
from mailflow.store.tables import mails, places
from mailflow.store.unit_of_work import SqlMemory, open_memory
from mailflow.understanding.identity import message_id_of
from mailflow.workflow.ports import IncomingMail
from tests.edges.dovecot import USER, running_dovecot
from tests.edges.mail_fixtures import inbox_settings, mail_text

_SIZE = 3_000  # bytes of a mail
_USUAL = 100_000
_NOBODY = 65534


def fill(home: Path, count: int) -> None:
    """Write the mails where Dovecot keeps them."""
    folder = home / "mail" / USER / "cur"
    for name in ("cur", "new", "tmp"):
        (folder.parent / name).mkdir(parents=True, exist_ok=True)
    for number in range(count):
        (folder / f"{1_700_000_000 + number}.M{number}.host:2,").write_bytes(
            mail_text(number, _SIZE)
        )
    if os.geteuid() == 0:
        for place in (folder.parent, *folder.parent.rglob("*")):
            os.chown(place, _NOBODY, _NOBODY)


class Keeper:
    """Keeps as the daemon does, a transaction each, and says when the last one is there."""

    def __init__(self, memory: SqlMemory, count: int) -> None:
        self._memory = memory
        self._left = count
        self.done = threading.Event()

    def keep(self, mail: IncomingMail) -> None:
        with self._memory.write() as uow:
            kept = uow.mails.keep(mail, message_id_of(mail.raw))
            uow.mails.mark_handled(kept.id, kind="x", because="", tickets=[])
        self._left -= kept.is_new
        if self._left == 0:
            self.done.set()

    def last_uid(self, folder: str, uidvalidity: int) -> int:
        with self._memory.read() as uow:
            return uow.mails.last_uid(folder, uidvalidity)


def main() -> int:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else _USUAL
    logs.configure("warning")
    with running_dovecot() as server, tempfile.TemporaryDirectory() as name:
        fill(server.home, count)
        settings = inbox_settings(
            server.tls_port, Path(name), host="localhost", security="tls", ca_file=server.ca_file,
            read_seconds=300,
        )  # fmt: skip
        url = f"sqlite:///{name}/mailflow.db"
        memory = open_memory(url)
        keeper = Keeper(memory, count)
        before, began = _peak_mb(), time.monotonic()
        watcher = ImapInbox(
            settings, keep=keeper.keep, last_uid=keeper.last_uid, on_state=lambda _: None
        )
        watcher.start()
        keeper.done.wait(3600)
        took = time.monotonic() - began
        peak = _peak_mb()
        print(f"{count} mails kept in {took:.0f} s ({count / took:.0f} a second)")
        print(f"memory: {before:.0f} MB before, {peak:.0f} MB at most")
        while math.isinf(watcher.seconds_since_whole_look()):  # the last one is put away
            time.sleep(0.2)
        watcher.stop(30)
        began = time.monotonic()
        lacking = differences(settings, memory, since=date(2000, 1, 1))
        print(f"reconcile: {len(lacking)} differences, {time.monotonic() - began:.0f} s")
        kept, placed = _rows(url)
        print(f"rows: {kept} mails, {placed} places")
        memory.close()
        return 0 if (kept, placed, lacking) == (count, count, []) else 1


def _rows(url: str) -> tuple[int, int]:
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        found = [
            int(connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0)
            for table in (mails, places)
        ]
    engine.dispose()
    return found[0], found[1]


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    sys.exit(main())
