"""The composition root: the only file that names a port and the edge behind it."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import NoReturn

import structlog

from mailflow.edges.capture_chromium import ChromiumCamera
from mailflow.edges.clock import SystemClock
from mailflow.edges.contacts_file import BadContacts, read_contacts
from mailflow.edges.inbox_imap import ImapInbox
from mailflow.edges.language_model import LanguageModelReader
from mailflow.edges.mail_parser import WorkerMailParser
from mailflow.edges.mail_templates import TemplateLetters, shipped_folder
from mailflow.edges.mailbox_state import MailboxState
from mailflow.edges.outbox_smtp import SmtpOutbox
from mailflow.edges.picture_worker import WorkerPictureReader
from mailflow.edges.platforms.http_json import HttpJsonPlatform
from mailflow.edges.secrets import read_secret
from mailflow.edges.signatures import SignatureCheckingParser
from mailflow.edges.template_check import check_templates
from mailflow.edges.tokens import TokenSource
from mailflow.settings.oauth2 import Grant
from mailflow.settings.platforms import PlatformSettings
from mailflow.settings.root import Settings
from mailflow.store import lock
from mailflow.store.lock import DatabaseLock
from mailflow.store.unit_of_work import SqlMemory, open_memory
from mailflow.tickets.errors import GiveUp, MailflowError
from mailflow.tickets.policy import Policy
from mailflow.understanding.alerts import RulePackError, RulePacks, load_packs
from mailflow.understanding.confirmation import Lexicon, LexiconError, lexicons_with
from mailflow.understanding.meaning import Failure
from mailflow.understanding.sender import Border
from mailflow.understanding.tokens import read_keys
from mailflow.wiring.operating import ALARM_SECONDS, alarm_round, retention, watch_of
from mailflow.workflow.alarms import TokenState, Watch
from mailflow.workflow.daemon import Daemon, Routine
from mailflow.workflow.desk import Desk, Pace, PlatformPage, Team
from mailflow.workflow.digest import place_digest
from mailflow.workflow.ports import Outbox, PageCamera
from mailflow.workflow.records import Retailer

log = structlog.get_logger()


def rule_packs(settings: Settings) -> RulePacks:
    """Read and check every alert rule pack.

    Raises:
        RulePackError: with every fault of every file.
    """
    folder = settings.paths.alerts or shipped_folder().parent / "config" / "alerts"
    return load_packs({p.name: p.read_text("utf-8") for p in sorted(folder.glob("*.toml"))})


def read_lexicons(folder: Path | None) -> Mapping[str, Lexicon]:
    """Read and check an operator's lexicons of replies; None: there are none but those shipped.

    Raises:
        LexiconError: with every fault of every file.
    """
    if folder is None:
        return lexicons_with({})
    files = sorted(folder.glob("*.toml"))
    if not files:
        raise LexiconError([f"{folder} holds no LANGUAGE.toml; see docs/confirmations.md"])
    return lexicons_with({file.stem: file.read_text("utf-8") for file in files})


def database_url(settings: Settings) -> str:
    """Give the database's address, with the password from its file put in."""
    url = settings.database.url
    if settings.database.password_file is None:
        return url
    scheme, _, rest = url.partition("://")
    user, _, host = rest.partition("@")
    return f"{scheme}://{user}:{read_secret(settings.database.password_file)}@{host}"


def token_keys(settings: Settings) -> list[bytes]:
    """Read the keys of the reply tokens.

    Raises:
        GiveUp: there is none, or one is too short to be safe.
    """
    file = settings.replies.token_key_file
    try:
        return read_keys(read_secret(file))
    except ValueError as bad:
        raise GiveUp(
            f"{file}: {bad}; write one a line, the newest first, for one with: openssl rand -hex 32"
        ) from bad


def border_of(settings: Settings) -> Border:
    """Say whose word is believed about who sent a mail."""
    each = settings.authentication
    return Border(
        profile=each.profile,
        authserv_id=each.authserv_id,
        internal_hops=each.internal_hops,
        alerts=each.alerts,
        confirmations=each.confirmations,
        attestations=each.attestations,
    )


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
        digest_at=staff.digest_at,
        token_keys=token_keys(settings),
    )


def token_source(settings: Settings) -> TokenSource | None:
    """Make the one source of tokens that inbox and outbox share, where tokens are wanted."""
    if settings.oauth2.grant is Grant.NONE:
        return None
    return TokenSource(settings.oauth2, settings.inbox.user or settings.inbox.address)


def mail_parser(settings: Settings) -> WorkerMailParser | SignatureCheckingParser:
    """Make what parses mails, and checks their signatures where that is wanted."""
    parser = WorkerMailParser(settings.limits)
    return SignatureCheckingParser(parser) if settings.authentication.own_dkim else parser


@dataclass(frozen=True, slots=True)
class Office:
    """A desk with everything behind it, and how to close it again."""

    desk: Desk
    memory: SqlMemory
    outbox_responds: Callable[[], bool]  # is its event loop at work?
    close: Callable[[], None]
    tokens: TokenSource | None = None

    def token_states(self) -> tuple[TokenState, ...]:
        return (self.tokens.state,) if self.tokens else ()


def camera_for(platform: PlatformSettings) -> PageCamera | None:
    """Give what takes pictures of a platform's pages, None where that is not set up."""
    if platform.capture is None:
        return None
    return ChromiumCamera(platform.page_url, platform.capture, clock=SystemClock())


def open_office(settings: Settings, held: DatabaseLock | None = None) -> Office:
    """Open the database and every edge; whoever holds the database's lock writes under it only.

    Raises:
        BadFiles, GiveUp: as `changeable` does.
    """
    parts = changeable(settings)
    memory = open_memory(database_url(settings), held)
    parser = mail_parser(settings)
    pictures = WorkerPictureReader(settings.limits)
    tokens = token_source(settings)
    outbox = SmtpOutbox(settings.outbox, settings.inbox, tokens)
    platforms = {n: HttpJsonPlatform(n, p) for n, p in settings.platforms.items()}
    second = settings.second_reader
    reader = LanguageModelReader(second) if second.base_url else None
    clock = SystemClock()
    desk = Desk(
        memory=memory,
        clock=clock,
        policy=parts.policy,
        pace=parts.pace,
        team=parts.team,
        packs=parts.packs,
        lexicons=parts.lexicons,
        border=border_of(settings),
        parser=parser,
        platforms=platforms,
        pages={
            n: PlatformPage(zone=p.zone, day_first=p.day_first)
            for n, p in settings.platforms.items()
        },
        platform_of=platform_chooser(settings),
        letters=parts.letters,
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

    return Office(parts.on(desk), memory, outbox.responds, close, tokens)


def lock_database(settings: Settings) -> DatabaseLock:
    """Make sure that one process works on the database; the lock ends with the process.

    Raises:
        GiveUp: another process holds it.
        TryAgainLater: the database is away.
    """
    return lock.lock_database(database_url(settings), lost=_end_at_once)


def _end_at_once(because: str) -> NoReturn:
    """Somebody else works on the database: what is in hand here must not go on for a moment."""
    log.critical("service.superseded", because=because)
    os._exit(1)


def daemon_and_inbox(
    settings: Settings, office: Office, mailbox: MailboxState
) -> tuple[Daemon, ImapInbox]:
    """Make the daemon and the watcher that feeds it; `mailbox` is told what the watcher does."""
    daemon = Daemon(
        office.desk,
        workers=settings.limits.workers,
        routines=[
            Routine(name="digest", seconds=20, work=place_digest),
            Routine(
                name="retention",
                seconds=3600,
                work=retention(settings.retention.days, office.memory.forget),
            ),
            Routine(
                name="alarms",
                seconds=ALARM_SECONDS,
                work=alarm_round(
                    settings,
                    office.memory,
                    mailbox,
                    office.token_states,
                ),
            ),
        ],
    )

    def last_uid(folder: str, uidvalidity: int) -> int:
        with office.memory.read() as uow:
            return uow.mails.last_uid(folder, uidvalidity)

    inbox = ImapInbox(
        settings.inbox,
        keep=daemon.keep,
        last_uid=last_uid,
        on_state=mailbox.hear,
        tokens=office.tokens,
    )
    lookout = office.desk.lookout
    lookout.seconds_since_whole_look = inbox.seconds_since_whole_look
    lookout.look_now = inbox.kick
    return daemon, inbox


class BadFiles(MailflowError):  # noqa: N818 - named as the files are
    """Files that the settings name cannot be used; `faults` names everything that is wrong."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


@dataclass(frozen=True, slots=True, kw_only=True)
class Changeable:
    """What may change while mailflow works: on SIGHUP it is read again, whole or not at all."""

    policy: Policy
    pace: Pace
    team: Team
    packs: RulePacks
    lexicons: Mapping[str, Lexicon]
    letters: TemplateLetters
    cameras: Mapping[str, PageCamera]
    contacts: Sequence[Retailer]
    watch: Callable[[Outbox], Watch]

    def on(self, desk: Desk) -> Desk:
        """Give the same desk with these parts, the contacts stored in its memory."""
        if self.contacts:
            with desk.memory.write() as uow:
                uow.directory.replace(self.contacts, keep_marks=True)
        return replace(
            desk,
            policy=self.policy,
            pace=self.pace,
            team=self.team,
            packs=self.packs,
            lexicons=self.lexicons,
            letters=self.letters,
            cameras=self.cameras,
            watch=self.watch(desk.outbox),
        )


def changeable(settings: Settings) -> Changeable:
    """Read every file that may change, and check it whole.

    Raises:
        BadFiles: with every fault of every file.
        GiveUp: the key of the reply tokens is missing or too short.
    """
    faults = check_templates(settings.paths.templates or shipped_folder())
    contacts: list[Retailer] = []
    packs: RulePacks | None = None
    try:
        packs = rule_packs(settings)
    except (RulePackError, OSError) as bad:
        faults.append(str(bad))
    lexicons: Mapping[str, Lexicon] = {}
    try:
        lexicons = read_lexicons(settings.paths.lexicons)
    except (LexiconError, OSError, UnicodeDecodeError) as bad:
        faults.append(str(bad))
    try:
        if settings.paths.retailers is not None:
            contacts = read_contacts(settings.paths.retailers)
    except BadContacts as bad:
        faults.extend(bad.faults)
    if faults or packs is None:
        raise BadFiles(faults)
    policy = settings.policy
    return Changeable(
        policy=replace(
            policy.to_policy(settings.staff.zone),
            captures=frozenset(n for n, p in settings.platforms.items() if p.capture),
        ),
        pace=Pace(
            grouping_seconds=policy.grouping_seconds,
            probe_seconds=policy.probe_seconds,
            reconcile_seconds=policy.reconcile_seconds,
            unsure_grace_seconds=settings.outbox.unsure_grace_seconds,
            mails_a_day=policy.mails_a_day,
            mails_an_hour=settings.outbox.mails_an_hour,
            finish_tolerance_seconds=settings.evidence.finish_tolerance_seconds,
            crashes=settings.limits.crashes,
            mail_pictures_seconds=settings.limits.mail_pictures_seconds,
        ),
        team=team_of(settings),
        packs=packs,
        lexicons=lexicons,
        letters=TemplateLetters(
            settings.paths.templates, settings.inbox.address, settings.outbox.from_name
        ),
        cameras={n: c for n, p in settings.platforms.items() if (c := camera_for(p))},
        contacts=contacts,
        watch=partial(watch_of, settings),
    )
