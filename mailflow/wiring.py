"""The composition root: the only file that names a port and the edge behind it."""

import fcntl
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from mailflow.edges.clock import SystemClock
from mailflow.edges.inbox_imap import ImapInbox
from mailflow.edges.language_model import LanguageModelReader
from mailflow.edges.mail_parser import WorkerMailParser
from mailflow.edges.mail_templates import TemplateLetters, shipped_folder
from mailflow.edges.outbox_smtp import SmtpOutbox
from mailflow.edges.picture_worker import WorkerPictureReader
from mailflow.edges.platforms.http_json import HttpJsonPlatform
from mailflow.edges.secrets import read_secret
from mailflow.settings.root import Settings
from mailflow.store.unit_of_work import SqlMemory, open_memory
from mailflow.tickets.errors import GiveUp
from mailflow.understanding.alerts import RulePacks, load_packs
from mailflow.understanding.meaning import Failure
from mailflow.understanding.sender import Border
from mailflow.workflow.daemon import Daemon, Routine
from mailflow.workflow.desk import Desk, Pace, PlatformPage, Team
from mailflow.workflow.digest import place_digest

_SQLITE = "sqlite:///"
_LEAST_KEY_BYTES = 32


def rule_packs(settings: Settings) -> RulePacks:
    """Read and check every alert rule pack.

    Raises:
        RulePackError: with every fault of every file.
    """
    folder = settings.paths.alerts or shipped_folder().parent / "config" / "alerts"
    return load_packs({p.name: p.read_text("utf-8") for p in sorted(folder.glob("*.toml"))})


def database_url(settings: Settings) -> str:
    """Give the database's address, with the password from its file put in."""
    url = settings.database.url
    if settings.database.password_file is None:
        return url
    scheme, _, rest = url.partition("://")
    user, _, host = rest.partition("@")
    return f"{scheme}://{user}:{read_secret(settings.database.password_file)}@{host}"


def token_key(settings: Settings) -> bytes:
    """Read the key of the reply tokens.

    Raises:
        GiveUp: it is missing, or too short to be safe.
    """
    key = read_secret(settings.replies.token_key_file).encode()
    if len(key) < _LEAST_KEY_BYTES:
        raise GiveUp(
            f"{settings.replies.token_key_file} holds {len(key)} bytes; "
            f"write {_LEAST_KEY_BYTES} or more, for one with: openssl rand -hex 32"
        )
    return key


def platform_chooser(settings: Settings) -> Callable[[Failure], str]:
    """Say which platform runs a failing job: the one that names its marketplace, else the rest."""
    named = {m.lower(): n for n, p in settings.platforms.items() for m in p.marketplaces}
    rest = [n for n, p in settings.platforms.items() if not p.marketplaces]

    def choose(failure: Failure) -> str:
        found = named.get(failure.marketplace.lower())
        return found or (rest[0] if len(rest) == 1 else "")

    return choose


def team_of(settings: Settings) -> Team:
    staff = settings.staff
    return Team(
        name=settings.outbox.from_name,
        mailbox=settings.inbox.address.lower(),
        staff=frozenset(staff.members),
        notify=staff.notify,
        escalate_to=staff.escalate_to,
        language=staff.language,
        zone=staff.zone,
        token_keys=[token_key(settings)],
    )


@dataclass(frozen=True, slots=True)
class Office:
    """A desk with everything behind it, and how to close it again."""

    desk: Desk
    memory: SqlMemory
    close: Callable[[], None]


def open_office(settings: Settings) -> Office:
    """Open the database and every edge."""
    memory = open_memory(database_url(settings))
    parser = WorkerMailParser(settings.limits)
    pictures = WorkerPictureReader(settings.limits)
    outbox = SmtpOutbox(settings.outbox, settings.inbox)
    platforms = {n: HttpJsonPlatform(n, p) for n, p in settings.platforms.items()}
    second = settings.second_reader
    reader = LanguageModelReader(second) if second.base_url else None
    policy, border = settings.policy, settings.authentication
    desk = Desk(
        memory=memory,
        clock=SystemClock(),
        policy=policy.to_policy(settings.staff.zone),
        pace=Pace(
            grouping_seconds=policy.grouping_seconds,
            probe_seconds=policy.probe_seconds,
            unsure_grace_seconds=settings.outbox.unsure_grace_seconds,
            crashes=settings.limits.crashes,
        ),
        team=team_of(settings),
        packs=rule_packs(settings),
        border=Border(
            profile=border.profile,
            authserv_id=border.authserv_id,
            internal_hops=border.internal_hops,
        ),
        parser=parser,
        platforms=platforms,
        pages={
            n: PlatformPage(zone=p.zone, day_first=p.day_first)
            for n, p in settings.platforms.items()
        },
        platform_of=platform_chooser(settings),
        letters=TemplateLetters(
            settings.paths.templates, settings.inbox.address, settings.outbox.from_name
        ),
        outbox=outbox,
        pictures=pictures,
        second_reader=reader,
        witness=settings.outbox.witness,
    )

    def close() -> None:
        for platform in platforms.values():
            platform.close()
        if reader is not None:
            reader.close()
        outbox.close()
        pictures.close()
        parser.close()
        memory.close()

    return Office(desk, memory, close)


def lock_database(settings: Settings) -> TextIO | None:
    """Make sure that one process works on an SQLite file; the lock ends with the process.

    Raises:
        GiveUp: another process holds it.
    """
    url = settings.database.url
    if not url.startswith(_SQLITE):
        return None
    path = Path(url.removeprefix(_SQLITE) + ".lock")
    file = path.open("a+", encoding="ascii")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as held:
        file.close()
        raise GiveUp(f"another mailflow runs on this database; {path} is locked") from held
    file.truncate(0)
    file.write(f"{os.getpid()}\n")
    file.flush()
    return file


def daemon_and_inbox(settings: Settings, office: Office) -> tuple[Daemon, ImapInbox]:
    """Make the daemon and the watcher that feeds it."""

    def digest(desk: Desk) -> bool:
        return place_digest(desk, settings.staff.digest_at)

    daemon = Daemon(
        office.desk,
        workers=settings.limits.workers,
        reconcile_seconds=settings.policy.reconcile_seconds,
        routines=[Routine(name="digest", seconds=20, work=digest)],
    )

    def last_uid(folder: str, uidvalidity: int) -> int:
        with office.memory.read() as uow:
            return uow.mails.last_uid(folder, uidvalidity)

    inbox = ImapInbox(
        settings.inbox, keep=daemon.keep, last_uid=last_uid, on_state=lambda _state: None
    )
    lookout = office.desk.lookout
    lookout.seconds_since_whole_look = inbox.seconds_since_whole_look
    lookout.look_now = inbox.kick
    return daemon, inbox
