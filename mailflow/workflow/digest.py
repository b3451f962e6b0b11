"""The daily digest: what happened since the last one, what waits, and on whom."""

from collections.abc import Iterable, Sequence
from datetime import datetime, time, timedelta
from statistics import median
from zoneinfo import ZoneInfo

from mailflow.tickets.effects import Audience, Purpose, SendMail
from mailflow.tickets.ticket import State, Ticket
from mailflow.workflow.desk import Desk
from mailflow.workflow.memory import UnitOfWork
from mailflow.workflow.records import Entry, NewOrder

Facts = dict[str, object]

TICK = "digest"
CHART_DAYS = 14
_ROWS = 15  # of a list; more are counted, not shown
_LATE_SECONDS = 300  # an order or a mail that waits longer than this is overdue
STOPS = {"JobPaused": "paused", "CannotBeStopped": "cannot_be_stopped", "PauseFailed": "failed"}
_WAITS_FOR = {
    State.CONTAINING: "platform",
    State.AWAITING_RETAILER: "retailer",
    State.CLARIFYING: "retailer",
    State.ON_TRIAL: "platform",
    State.AWAITING_EVIDENCE: "staff",
    State.REMOVAL_SCHEDULED: "retailer",
    State.REMOVING: "platform",
    State.STAYING_PAUSED: "date",
    State.WITH_STAFF: "staff",
}


def place_digest(desk: Desk) -> bool:
    """Order the digest that is due, once a day over any restarts. Returns whether it was ordered.

    The first run ever only notes where to begin: a
    digest about a time without mailflow would say nothing.
    """
    now = desk.clock.now()
    slot = due_slot(now, desk.team.digest_at, ZoneInfo(desk.team.zone))
    with desk.memory.read() as uow:
        last = uow.last_tick(TICK)
    if last is not None and last.slot >= slot:
        return False
    facts: Facts | None = None
    if last is not None:  # gathered before the writer's turn: no stop waits for a digest
        with desk.memory.read() as uow:
            zone = ZoneInfo(desk.team.zone)
            facts = digest_facts(uow, since=last.at, until=now, zone=zone)
    with desk.memory.write() as uow:
        if not uow.tick_once(TICK, slot, now) or facts is None:
            return False
        uow.orders.place(_order(slot, now, facts))
    return True


def due_slot(now: datetime, at: time, zone: ZoneInfo) -> str:
    """Name the newest digest whose time has come: its local date."""
    today = now.astimezone(zone).date()
    come = datetime.combine(today, at, tzinfo=zone) <= now
    return (today if come else today - timedelta(days=1)).isoformat()


def _order(slot: str, now: datetime, facts: Facts) -> NewOrder:
    return NewOrder(
        key=f"digest:{slot}",
        ticket="",
        effect=SendMail(purpose=Purpose.DAILY_DIGEST, audience=Audience.STAFF),
        lane="digest",
        priority=3,
        due=now,
        facts={"digest": facts},
    )


def digest_facts(uow: UnitOfWork, *, since: datetime, until: datetime, zone: ZoneInfo) -> Facts:
    """Gather what the digest says; every number is counted from what is recorded."""
    chart_from = (until.astimezone(zone) - timedelta(days=CHART_DAYS - 1)).replace(
        hour=0, minute=0, second=0, microsecond=0
    )
    entries = uow.tickets.happened(min(since, chart_from), until)
    fresh = [entry for entry in entries if entry.at >= since]
    known: dict[str, Ticket] = {}
    for entry in fresh:
        if entry.ticket not in known and (found := uow.tickets.get(entry.ticket)) is not None:
            known[entry.ticket] = found
    days = _days(entries, chart_from, until, zone)
    waiting = _waiting(uow, until)
    shelf: list[Facts] = [
        {"id": i.id, "kind": i.kind.value, "because": i.because, "seconds": _s(until, i.at)}
        for i in uow.shelf.items()
    ]
    stops = _stopped(uow, fresh, known)
    return {
        "since": since,
        "until": until,
        "failed": _cut(_failed(fresh, known)),
        "stopped": _cut(stops),
        "pace": _pace(stops),
        "waiting": [{"whom": w, **_cut(rows)} for w, rows in waiting.items() if rows],
        "closed": _cut(_closed(fresh, known)),
        "overdue": _cut([r for rows in waiting.values() for r in rows if r["overdue"]]),
        "late_orders": _late_orders(uow, until),
        "shelf": _cut(shelf),
        "days": days,
        "peak": max((max(d["failed"], d["closed"]) for d in days), default=0),
    }


def _cut(rows: Sequence[Facts]) -> Facts:
    return {"rows": list(rows[:_ROWS]), "count": len(rows), "more": max(0, len(rows) - _ROWS)}


def _s(until: datetime, since: datetime) -> int:
    return max(0, round((until - since).total_seconds()))


def _about(ticket: Ticket) -> Facts:
    return {
        "ticket": ticket.id,
        "job": ticket.job.name or ticket.job.id,
        "retailer": ticket.job.retailer,
        "marketplace": ticket.job.marketplace,
    }


def _failed(entries: Iterable[Entry], known: dict[str, Ticket]) -> list[Facts]:
    times: dict[str, int] = {}
    for entry in entries:
        if entry.event == "AlertReceived":
            times[entry.ticket] = times.get(entry.ticket, 0) + 1
    return [
        {**_about(known[ticket]), "cause": known[ticket].cause.value, "times": count}
        for ticket, count in times.items()
        if ticket in known
    ]


def _stopped(uow: UnitOfWork, entries: Iterable[Entry], known: dict[str, Ticket]) -> list[Facts]:
    found: list[Facts] = []
    for entry in entries:
        outcome = STOPS.get(entry.event)
        if outcome and entry.state_before == State.CONTAINING and entry.ticket in known:
            began = containment_began(uow, entry)
            found.append(
                {**_about(known[entry.ticket]), "outcome": outcome, "seconds": _s(entry.at, began)}
            )
    return found


def containment_began(uow: UnitOfWork, stop: Entry) -> datetime:
    """Say since when the job had to be stopped: the arrival of the alert, where it was one."""
    began = stop
    for entry in uow.tickets.story(stop.ticket):
        if entry.seq >= stop.seq:
            break
        if entry.state_after == State.CONTAINING and entry.state_before != State.CONTAINING:
            began = entry
    mail = str(began.data.get("message", ""))
    if began.event == "AlertReceived" and mail.isdecimal():
        arrived = uow.mails.arrivals([int(mail)]).get(int(mail), began.at)
        return min(arrived, began.at)
    return began.at


def _pace(stops: Sequence[Facts]) -> Facts | None:
    seconds = [int(str(s["seconds"])) for s in stops if s["outcome"] == "paused"]
    if not seconds:
        return None
    return {"typical": round(median(seconds)), "slowest": max(seconds)}


def _closed(entries: Iterable[Entry], known: dict[str, Ticket]) -> list[Facts]:
    found: list[Facts] = []
    for entry in entries:
        ticket = known.get(entry.ticket)
        if entry.state_after == State.CLOSED and ticket is not None and ticket.closure is not None:
            proofs = [
                {"kind": p.kind.value, "witness": p.witness.value} for p in ticket.closure.proofs
            ]
            found.append({**_about(ticket), "path": ticket.closure.path.value, "proofs": proofs})
    return found


def _waiting(uow: UnitOfWork, until: datetime) -> dict[str, list[Facts]]:
    """Sort open tickets by whom they wait for, the longest wait first."""
    entered = uow.tickets.waiting_since()
    by_whom: dict[str, list[tuple[int, Facts]]] = {
        w: [] for w in ("staff", "retailer", "platform", "date")
    }
    for ticket in uow.tickets.listed(states=list(_WAITS_FOR), limit=100_000):
        stay = entered.get(ticket.id)
        seconds = _s(until, stay.since if stay else ticket.opened_at)
        row = {
            **_about(ticket),
            "state": ticket.state.value,
            "seconds": seconds,
            "deadline": ticket.deadline,
            "overdue": bool(stay and stay.deadlines) or _is_past(ticket.deadline, until),
        }
        by_whom[_WAITS_FOR[ticket.state]].append((seconds, row))
    return {w: [row for _, row in sorted(rows, key=lambda r: -r[0])] for w, rows in by_whom.items()}


def _is_past(deadline: datetime | None, now: datetime) -> bool:
    return deadline is not None and deadline < now


def _late_orders(uow: UnitOfWork, until: datetime) -> int:
    late = until - timedelta(seconds=_LATE_SECONDS)
    return sum(o["due"] < late for o in uow.orders.waiting() if o["state"] != "parked")


def _days(
    entries: Iterable[Entry], start: datetime, until: datetime, zone: ZoneInfo
) -> list[dict[str, int]]:
    """Count failures and closures of each of the last days, today included."""
    counts: dict[str, dict[str, int]] = {}
    day = start.date()
    while day <= until.astimezone(zone).date():
        counts[day.isoformat()] = {
            "day": day.day,
            "weekday": day.weekday(),
            "failed": 0,
            "closed": 0,
        }
        day += timedelta(days=1)
    for entry in entries:
        here = counts.get(entry.at.astimezone(zone).date().isoformat())
        if here is not None:
            here["failed"] += entry.event == "AlertReceived"
            here["closed"] += entry.state_after == State.CLOSED
    return list(counts.values())
