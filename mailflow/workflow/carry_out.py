"""One order at a time: claimed, asked whether it is still wanted, done, and its outcome heard."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog

from mailflow.tickets import effects as f
from mailflow.tickets import events as e
from mailflow.tickets.decision import to_staff
from mailflow.tickets.errors import GiveUp, TryAgainLater
from mailflow.tickets.ticket import Ticket
from mailflow.tickets.wanted import unwanted_because
from mailflow.workflow import acting, capturing, looking
from mailflow.workflow.acting import NotYet
from mailflow.workflow.advance import advance, order_for
from mailflow.workflow.answering import weigh_reply
from mailflow.workflow.desk import Desk
from mailflow.workflow.holding import Hands
from mailflow.workflow.mailing import AskAPerson, send_mail
from mailflow.workflow.memory import LostLease, StaleTicket, UnitOfWork
from mailflow.workflow.records import Order

log = structlog.get_logger()


def carry_out_next(
    desk: Desk, *, owner: str, hands: Hands | None = None, containment_only: bool = False
) -> bool:
    """Claim the next order that is due and carry it out; False when none was due.

    `hands` know what is under way; without them a lease is not renewed.
    """
    hands = hands or Hands()
    with hands.free() as may:
        if not may:
            return False
        with desk.memory.write() as uow:
            orders = uow.orders.claim(
                desk.clock.now(),
                owner=owner,
                lease_seconds=desk.pace.lease_seconds,
                containment_only=containment_only,
            )
        if orders:
            with hands.holding(orders):
                try:
                    _work(desk, orders)
                except TryAgainLater:  # the database went away: nobody's fault but its own
                    hands.leave(orders)
                    raise
    return bool(orders)


def _work(desk: Desk, orders: Sequence[Order]) -> None:
    try:
        _carry_out(desk, list(orders))
    except TryAgainLater:
        raise
    except LostLease:
        log.warning("order.unwanted", order=orders[0].id, because="its lease was lost")
    except StaleTicket:
        _postpone(desk, orders, 0.1, "the ticket was moved meanwhile")
    except Exception as defect:
        log.exception("defect", order=orders[0].id)
        why = f"mailflow failed on it: {type(defect).__name__}: {defect}"
        _park(desk, orders, why)


def _carry_out(desk: Desk, orders: list[Order]) -> None:
    wanted, tickets = _still_wanted(desk, orders)
    if not wanted:
        return
    leader = wanted[0]
    if leader.crashes >= desk.pace.crashes:
        _park(desk, wanted, f"mailflow died {leader.crashes} times while doing it and nothing else")
        return
    log.info("order.started", order=leader.id, what=_name(leader), ticket=leader.ticket)
    try:
        event, result = _do(desk, wanted, tickets)
    except NotYet as wait:
        _postpone(desk, wanted, desk.pace.probe_seconds, str(wait))
    except TryAgainLater as later:
        _postpone(desk, wanted, _wait(desk, leader, later), later.reason)
    except AskAPerson as ask:
        _park(desk, wanted, str(ask))
    except GiveUp as refused:
        _give_up(desk, wanted, refused.reason)
    else:
        _finish(desk, wanted, event, result)


def _still_wanted(desk: Desk, orders: list[Order]) -> tuple[list[Order], list[Ticket]]:
    wanted: list[Order] = []
    tickets: list[Ticket] = []
    with desk.memory.write() as uow:
        for order in orders:
            ticket = uow.tickets.get(order.ticket) if order.ticket else None
            why = unwanted_because(ticket, order.effect) if ticket is not None else ""
            if why:
                uow.orders.drop(order, because=why)
                log.info("order.unwanted", order=order.id, what=_name(order), because=why)
                continue
            wanted.append(order)
            if ticket is not None:
                tickets.append(ticket)
    return wanted, tickets


def _do(  # noqa: C901 - one case an effect, nothing else
    desk: Desk, orders: Sequence[Order], tickets: Sequence[Ticket]
) -> tuple[e.Event | None, str]:
    order = orders[0]
    if isinstance(order.effect, f.SendMail):
        return None, send_mail(desk, orders, tickets)
    ticket = tickets[0]
    match order.effect:
        case f.PauseJob():
            return acting.pause(desk, ticket, order, order.effect), "stopped or answered"
        case f.ReactivateJob(trial=trial):
            return acting.reactivate(desk, ticket, order, trial), "reactivated or answered"
        case f.RunJob():
            return None, acting.run_now(desk, ticket, order)
        case f.ProbeRuns():
            return acting.probe_runs(desk, ticket, order.effect), "a run has ended"
        case f.RemoveJob():
            return acting.remove(desk, ticket, order), "removed or answered"
        case f.ProbeRemoval():
            return acting.probe_removal(desk, ticket), "the removal is validated"
        case f.ReadScreenshot():
            return looking.read_screenshot(desk, ticket, order.effect), "read and judged"
        case f.CaptureScreenshot():
            event = capturing.capture_screenshot(desk, ticket, order, order.effect)
            return event, "captured or answered"
        case f.WeighReply():
            return weigh_reply(desk, ticket, order.effect), "weighed by a second reader"


def _finish(desk: Desk, orders: Sequence[Order], event: e.Event | None, result: str) -> None:
    """Commit 3: the order is done and its outcome is heard, in one transaction."""
    with desk.memory.write() as uow:
        for order in orders:
            uow.orders.finish(order, result=result)
        if event is not None:
            cause = f"order:{orders[0].key}"
            advance(uow, orders[0].ticket, event, cause=cause, desk=desk)
    log.info("order.done", order=orders[0].id, what=_name(orders[0]), because=result)


def _give_up(desk: Desk, orders: Sequence[Order], reason: str) -> None:
    """What was refused for good is an outcome too: the ticket hears it, or a person does."""
    effect = orders[0].effect
    if not isinstance(effect, f.SendMail) or not orders[0].ticket:
        _park(desk, orders, reason)
        return
    to_staff = effect.audience is f.Audience.STAFF or effect.to in desk.team.staff
    with desk.memory.write() as uow:
        for order in orders:
            uow.orders.finish(order, result=f"refused: {reason}")
            event = e.MailRefused(
                at=desk.clock.now(),
                purpose=effect.purpose.value,
                to_staff=to_staff,
                because=reason,
            )
            advance(uow, order.ticket, event, cause=f"order:{order.key}", desk=desk)
    log.warning("order.given_up", order=orders[0].id, what=_name(orders[0]), because=reason)


def _park(desk: Desk, orders: Sequence[Order], because: str) -> None:
    with desk.memory.write() as uow:
        for order in orders:
            uow.orders.park(order, because=because)
            _tell_staff(uow, desk, order, because)
    log.error("order.shelved", order=orders[0].id, what=_name(orders[0]), because=because)


def _tell_staff(uow: UnitOfWork, desk: Desk, order: Order, because: str) -> None:
    """Nothing waits unseen: a person is told by mail, unless it is that mail which is stuck."""
    effect, ticket = order.effect, uow.tickets.get(order.ticket)
    stuck = isinstance(effect, f.SendMail) and effect.audience is f.Audience.STAFF
    if ticket is None or stuck:
        return
    why = f"{_name(order)} waits for a person: {because}; see: mailflow shelf"
    mail = to_staff(f.Purpose.HAND_OVER, reason=why)
    key = f"{order.key}/parked/{order.fence}"
    uow.orders.place(order_for(mail, ticket, key, desk.clock.now(), desk.pace))


def _postpone(desk: Desk, orders: Sequence[Order], seconds: float, because: str) -> None:
    due = desk.clock.now() + timedelta(seconds=seconds)
    with desk.memory.write() as uow:
        for order in orders:
            uow.orders.postpone(order, due=due, because=because)
    log.info("order.postponed", order=orders[0].id, what=_name(orders[0]), because=because)


def _wait(desk: Desk, order: Order, later: TryAgainLater) -> float:
    """Back off with the order's age; never sooner than the other side asked for."""
    age = _age_seconds(order, desk.clock.now())
    pace = desk.pace
    wait = min(pace.retry_most_seconds, max(pace.retry_first_seconds, age / 2))
    return max(wait, later.after_seconds or 0.0)


def _age_seconds(order: Order, now: datetime) -> float:
    return max(0.0, (now - order.placed_at).total_seconds())


def _name(order: Order) -> str:
    if isinstance(order.effect, f.SendMail):
        return f"SendMail {order.effect.purpose}"
    return type(order.effect).__name__
