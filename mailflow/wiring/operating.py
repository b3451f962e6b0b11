"""Joins what watches over mailflow: alarms and their roads, metrics, retention."""

import tempfile
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from mailflow.edges.alarm_roads import OrdinaryRoad, RelayRoad, WebhookRoad
from mailflow.edges.disk import free_bytes
from mailflow.edges.mailbox_state import MailboxState
from mailflow.edges.metrics import MetricsServer, Sources
from mailflow.settings.operating import AlarmSettings
from mailflow.settings.root import Settings
from mailflow.tickets.errors import TryAgainLater
from mailflow.workflow.alarms import AlarmBook, Limits, Road, TokenState, View, Watch, troubles
from mailflow.workflow.brakes import brake_now
from mailflow.workflow.desk import Desk
from mailflow.workflow.memory import Memory
from mailflow.workflow.ports import Outbox

ALARM_SECONDS = 10
_SQLITE = "sqlite:///"


def alarm_round(
    settings: Settings,
    memory: Memory,
    mailbox: MailboxState,
    tokens: Callable[[], Sequence[TokenState]],
) -> Callable[[Desk], bool]:
    """Make what looks for trouble and tells of it, as the desk's watch says at that moment."""
    book = AlarmBook(memory=memory)
    folder = database_folder(settings)

    def look(desk: Desk) -> bool:
        try:
            with desk.memory.read() as uow:
                figures = uow.figures()
        except TryAgainLater:
            figures = None
        now = desk.clock.now()
        view = View(
            mailbox=settings.inbox.address,
            mailbox_state=mailbox.state,
            mailbox_unread_since=mailbox.unread_since,
            figures=figures,
            tokens=tokens(),
            brake=brake_now(desk),
            disk=str(folder),
            disk_free_bytes=free_bytes(folder),
        )
        book.use(desk.watch)
        book.note(troubles(view, desk.watch.limits, now), now)
        return False  # alarms take roads of their own, no orders

    return look


def watch_of(settings: Settings, outbox: Outbox) -> Watch:
    return Watch(
        limits=alarm_limits(settings.alarms),
        roads=alarm_roads(settings, outbox),
        hold=timedelta(seconds=settings.alarms.hold_seconds),
    )


def alarm_limits(alarms: AlarmSettings) -> Limits:
    return Limits(
        mailbox_seconds=alarms.mailbox_seconds,
        containment_seconds=alarms.containment_seconds,
        token_days=alarms.token_days,
        shelf_items=alarms.shelf_items,
        disk_free_bytes=alarms.disk_free_mb * 1_000_000,
    )


def alarm_roads(settings: Settings, outbox: Outbox) -> list[Road]:
    """Give every road that is configured: the ordinary one always is."""
    alarms, sender = settings.alarms, settings.inbox.address
    to = alarms.to or settings.staff.notify
    roads: list[Road] = [OrdinaryRoad(outbox, sender, to)]
    if alarms.relay.host:
        roads.append(RelayRoad(alarms.relay, alarms.relay.sender or sender, to))
    if alarms.webhook_url:
        roads.append(WebhookRoad(alarms.webhook_url, alarms.secret_file))
    return roads


def database_folder(settings: Settings) -> Path:
    """Say where room is needed: beside an SQLite file, else where temporary files go."""
    url = settings.database.url
    file = url.removeprefix(_SQLITE) if url.startswith(_SQLITE) else tempfile.gettempdir() + "/x"
    return Path(file).parent


def retention(days: int, forget: Callable[[datetime], object]) -> Callable[[Desk], bool]:
    """Make what empties old mails and files, once a day; it places no orders."""

    def look(desk: Desk) -> bool:
        now = desk.clock.now()
        if days:
            with desk.memory.write() as uow:
                due = uow.tick_once("retention", now.date().isoformat(), now)
            if due:
                forget(now - timedelta(days=days))
        return False

    return look


def serve_metrics(
    settings: Settings, sources: Sources, *, stuck: Callable[[], list[str]],
    unready: Callable[[], list[str]],
) -> Callable[[], None]:  # fmt: skip
    """Serve the metrics where they are wanted. Returns how to stop it.

    Raises:
        OSError: the port is taken.
    """
    if not settings.metrics.port:
        return lambda: None
    where = (settings.metrics.address, settings.metrics.port)
    server = MetricsServer(where, sources, faults=stuck, ready=unready)
    server.start()
    return server.stop
