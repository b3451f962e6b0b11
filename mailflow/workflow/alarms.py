"""Alarms to those who operate mailflow: each told once, with an all-clear, never a flood."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

import structlog

from mailflow.tickets.errors import GiveUp, MailflowError, TryAgainLater
from mailflow.workflow.figures import Figures
from mailflow.workflow.memory import Memory
from mailflow.workflow.records import StandingAlarm

log = structlog.get_logger()

_LONGEST_HOLD = timedelta(hours=1)
_FORGOTTEN_AFTER = timedelta(days=1)
_LEAST_GAP = timedelta(minutes=1)  # between two messages, whatever happens


class AlarmKind(StrEnum):
    """What can be wrong with mailflow itself, or with what it stands on."""

    MAILBOX = "mailbox_unreadable"
    CONTAINMENT = "containment_failing"
    TOKEN_EXPIRING = "token_expiring"  # noqa: S105 - no secret
    TOKEN_REFUSED = "token_refused"  # noqa: S105 - same
    SHELF = "shelf_growing"
    DISK = "disk_low"
    BRAKE = "sending_stopped"


# What it means and what to do: the reader may never have seen mailflow.
REMEDIES: dict[AlarmKind, str] = {
    AlarmKind.MAILBOX: "No alert is seen and no job is stopped until it can be read again. "
    "Look at the mail server and the login; `mailflow doctor` tries both.",
    AlarmKind.CONTAINMENT: "A failing job goes on running. Stop it by hand on the platform, then "
    "look at the platform's settings with `mailflow doctor`.",
    AlarmKind.TOKEN_EXPIRING: "When it expires, mails are neither read nor sent. Renew it now.",
    AlarmKind.TOKEN_REFUSED: "Mails are neither read nor sent. Give mailflow a new token or a "
    "new secret.",
    AlarmKind.SHELF: "Mails or orders wait for a person. See them with `mailflow shelf`.",
    AlarmKind.DISK: "When the disk is full, mails stay on the server and nothing is stopped. "
    "Make room or enlarge the disk.",
    AlarmKind.BRAKE: "No mail leaves until a person has looked. See `mailflow outbox`.",
}
# Troubles that the ordinary way of sending shares; another road is taken first.
OF_THE_MAIL = frozenset(
    {AlarmKind.MAILBOX, AlarmKind.TOKEN_EXPIRING, AlarmKind.TOKEN_REFUSED, AlarmKind.BRAKE}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """When something is worth an alarm."""

    mailbox_seconds: float = 120
    containment_seconds: float = 120
    token_days: float = 7
    shelf_items: int = 10
    disk_free_bytes: int = 500_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenState:
    """How an OAuth2 login stands: `refused` says why the last renewal failed, "" when it did not.

    `expires_at` is when a person has to renew something, not when an access token runs out.
    """

    name: str
    expires_at: datetime | None = None
    refused: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What the alarms look at. None: it cannot be seen just now, which clears nothing."""

    mailbox: str
    mailbox_state: str
    mailbox_unread_since: datetime | None  # None while it is being read
    figures: Figures | None
    tokens: Sequence[TokenState] = ()
    brake: str = ""  # why sending was stopped, "" while mails leave
    disk: str = ""
    disk_free_bytes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """One thing that is wrong now."""

    kind: AlarmKind
    about: str
    detail: str

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.about}"


def troubles(view: View, limits: Limits, now: datetime) -> list[Trouble]:
    """Say everything that is wrong now."""
    found = [*_of_the_mailbox(view, limits, now), *_of_tokens(view, limits, now)]
    if view.figures is not None:
        found += _of_figures(view.figures, limits, now)
    free = view.disk_free_bytes
    if free is not None and free < limits.disk_free_bytes:
        found.append(
            Trouble(kind=AlarmKind.DISK, about=view.disk, detail=f"{free / 1e6:.0f} MB are left")
        )
    if view.brake:
        found.append(Trouble(kind=AlarmKind.BRAKE, about="outbox", detail=view.brake))
    return found


def _of_the_mailbox(view: View, limits: Limits, now: datetime) -> Iterable[Trouble]:
    since = view.mailbox_unread_since
    if since is not None and now - since >= timedelta(seconds=limits.mailbox_seconds):
        detail = f"not read since {since:%Y-%m-%d %H:%M:%S} UTC: {view.mailbox_state}"
        yield Trouble(kind=AlarmKind.MAILBOX, about=view.mailbox, detail=detail)


def _of_tokens(view: View, limits: Limits, now: datetime) -> Iterable[Trouble]:
    for token in view.tokens:
        if token.refused:
            yield Trouble(kind=AlarmKind.TOKEN_REFUSED, about=token.name, detail=token.refused)
        elif token.expires_at and token.expires_at - now < timedelta(days=limits.token_days):
            detail = f"it expires on {token.expires_at:%Y-%m-%d %H:%M} UTC"
            yield Trouble(kind=AlarmKind.TOKEN_EXPIRING, about=token.name, detail=detail)


def _of_figures(figures: Figures, limits: Limits, now: datetime) -> Iterable[Trouble]:
    since = figures.containing_since
    late = since is not None and now - since >= timedelta(seconds=limits.containment_seconds)
    if figures.not_stopped or late:
        words = (
            [f"{figures.not_stopped} open ticket(s) whose stop failed"]
            if figures.not_stopped
            else []
        )
        words += [f"a stop is ordered since {since:%H:%M:%S} UTC and not done"] if late else []
        yield Trouble(kind=AlarmKind.CONTAINMENT, about="platforms", detail="; ".join(words))
    on_shelf = sum(figures.shelf.values())
    if on_shelf >= limits.shelf_items:
        kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(figures.shelf.items()))
        yield Trouble(kind=AlarmKind.SHELF, about="shelf", detail=f"{on_shelf} wait: {kinds}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What is told in one go."""

    raised: Sequence[StandingAlarm]
    cleared: Sequence[StandingAlarm]
    at: datetime

    @property
    def subject(self) -> str:
        first = (*self.raised, *self.cleared)[0]
        lead = "ALARM" if self.raised else "all clear"
        more = len(self.raised) + len(self.cleared) - 1
        others = f" and {more} more" if more else ""
        return f"[mailflow] {lead}: {first.kind.replace('_', ' ')} ({first.about}){others}"

    @property
    def text(self) -> str:
        lines: list[str] = []
        for alarm in self.raised:
            lines += [f"ALARM: {alarm.kind.replace('_', ' ')} ({alarm.about})"]
            lines += [f"  {alarm.detail}", f"  {REMEDIES[AlarmKind(alarm.kind)]}", ""]
        for alarm in self.cleared:
            lines += [f"All clear: {alarm.kind.replace('_', ' ')} ({alarm.about})"]
            lines += [f"  It had been so since {alarm.since:%Y-%m-%d %H:%M:%S} UTC.", ""]
        return "\n".join([*lines, "This is told once; an all-clear follows when it is over."])


class Road(Protocol):
    """A way to reach those who operate mailflow."""

    @property
    def name(self) -> str: ...

    @property
    def is_ordinary(self) -> bool:
        """Is it the way on which all other mails go?"""
        ...

    def tell(self, message: Message) -> None:
        """Deliver it.

        Raises:
            TryAgainLater, GiveUp: it was not delivered.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """When somebody is told of trouble, and on which roads; may change while mailflow works."""

    limits: Limits = field(default_factory=Limits)
    roads: Sequence[Road] = ()
    hold: timedelta = timedelta(minutes=5)


@dataclass(slots=True)
class AlarmBook:
    """Remembers what was told, over restarts; goes on from memory when the database is away."""

    memory: Memory
    roads: Sequence[Road] = ()
    hold: timedelta = timedelta(minutes=5)  # of quiet before an all-clear; doubled when it flaps
    _known: dict[str, StandingAlarm] | None = None
    _last_told: datetime | None = None
    _stored: dict[str, StandingAlarm] = field(default_factory=dict)

    def use(self, watch: Watch) -> None:
        """Tell on these roads from now on; what was told stays told."""
        self.roads, self.hold = watch.roads, watch.hold

    def note(self, now_wrong: Sequence[Trouble], now: datetime) -> bool:
        """Take in what is wrong now, and tell what is new and what is over."""
        known = self._load()
        wrong = {trouble.key: trouble for trouble in now_wrong}
        for trouble in now_wrong:
            known[trouble.key] = _seen(known.get(trouble.key), trouble, now)
        for key in set(known) - set(wrong):
            quiet = _quiet(known[key], now)
            if quiet is None:
                del known[key]
            else:
                known[key] = quiet
        told = self._tell(known, now)
        self._store(known)
        return told

    def _tell(self, known: dict[str, StandingAlarm], now: datetime) -> bool:
        raised = [a for a in known.values() if a.told_at is None and a.cleared_at is None]
        cleared = [a for a in known.values() if self._is_over(a, now)]
        if not raised and not cleared:
            return False
        if self._last_told is not None and now - self._last_told < _LEAST_GAP:
            return False
        message = Message(raised=raised, cleared=cleared, at=now)
        if not self._deliver(message):
            return False
        self._last_told = now
        for alarm in raised:
            known[alarm.key] = replace(alarm, told_at=now)
        for alarm in cleared:
            known[alarm.key] = replace(alarm, cleared_at=now)
        return True

    def _is_over(self, alarm: StandingAlarm, now: datetime) -> bool:
        if alarm.told_at is None or alarm.quiet_since is None or alarm.cleared_at is not None:
            return False
        hold = min(self.hold * 2 ** min(alarm.times, 10), max(self.hold, _LONGEST_HOLD))
        over: bool = now - alarm.quiet_since >= hold
        return over

    def _deliver(self, message: Message) -> bool:
        of_the_mail = any(
            AlarmKind(a.kind) in OF_THE_MAIL for a in (*message.raised, *message.cleared)
        )
        for road in sorted(self.roads, key=lambda road: road.is_ordinary == of_the_mail):
            try:
                road.tell(message)
            except (TryAgainLater, GiveUp) as broken:
                log.warning("alarm.road_broken", road=road.name, because=broken.reason)
                continue
            for alarm in message.raised:
                log.error("alarm.raised", alarm=alarm.kind, about=alarm.about, road=road.name)
            for alarm in message.cleared:
                log.info("alarm.cleared", alarm=alarm.kind, about=alarm.about, road=road.name)
            return True
        return False

    def _load(self) -> dict[str, StandingAlarm]:
        if self._known is None:
            try:
                with self.memory.read() as uow:
                    self._stored = {alarm.key: alarm for alarm in uow.alarms.standing()}
            except MailflowError as away:
                log.warning("alarm.not_kept", because=str(away))
                return {}
            self._known = dict(self._stored)
        return self._known

    def _store(self, known: Mapping[str, StandingAlarm]) -> None:
        self._known = dict(known)
        if self._known == self._stored:
            return
        try:
            with self.memory.write() as uow:
                uow.alarms.replace(list(self._known.values()))
        except MailflowError as away:
            log.warning("alarm.not_kept", because=str(away))
            return
        self._stored = dict(self._known)


def _seen(known: StandingAlarm | None, trouble: Trouble, now: datetime) -> StandingAlarm:
    if known is None:
        return StandingAlarm(
            key=trouble.key,
            kind=trouble.kind,
            about=trouble.about,
            detail=trouble.detail,
            since=now,
        )
    if known.cleared_at is not None:  # it comes back: it is told again, and held longer
        return replace(
            known, detail=trouble.detail, since=now, told_at=None, quiet_since=None,
            cleared_at=None, times=known.times + 1,
        )  # fmt: skip
    return replace(known, quiet_since=None)


def _quiet(alarm: StandingAlarm, now: datetime) -> StandingAlarm | None:
    """Note that it is not wrong now; None when it may be forgotten."""
    if alarm.told_at is None:
        return None  # over before anybody was told
    if alarm.cleared_at is not None:
        return None if now - alarm.cleared_at > _FORGOTTEN_AFTER else alarm
    return alarm if alarm.quiet_since is not None else replace(alarm, quiet_since=now)
