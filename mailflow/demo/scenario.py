"""The stories of the demo, played side by side through real servers and the real daemon."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from mailflow.demo.alerts import as_json, as_lines, as_table
from mailflow.demo.people import (
    BOX,
    JSON_ALERTS,
    LINE_ALERTS,
    SHOPS,
    STAFF,
    TABLE_ALERTS,
    Shop,
)
from mailflow.demo.stage import WATCHED_MARKET, Stage
from mailflow.demo.stories import End, Say, Story
from mailflow.edges.capture_chromium import can_look
from mailflow.tickets.effects import Purpose
from mailflow.tickets.errors import MailflowError
from mailflow.tickets.ticket import Cause, Job, Kind, Path, Standing, State

NORTH, SOUTH, EAST, WEST = SHOPS


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """One job of the demo: how it is told, and how its ticket has to end."""

    job: Job
    shop: Shop
    play: Callable[[Story], None]
    end: End
    stoppable: bool = True


def _job(shop: Shop, name: str, market: str, kind: Kind) -> Job:
    return Job(
        id=f"{name.lower()}-{shop.account}-{market}",
        name=f"{name} {shop.name}",
        retailer=shop.account,
        marketplace=market,
        kind=kind,
        platform="simulated",
    )


def renewed_token(story: Story) -> None:
    """The main job: a promise closes nothing, a confirmation starts a trial, a picture closes."""
    story.fails(JSON_ALERTS, "Job failed", as_json(story.job, "401: the access token has expired"))
    story.is_stopped()
    notice = story.is_told(Purpose.FIRST_NOTICE)
    story.answers(notice, "We will do it.")
    story.heard("ReplyPromised")
    story.say("a promise closes nothing: the ticket still waits for the retailer")
    story.is_repaired()
    story.answers(notice, "Hello,\n\nwe have renewed the access token.\n\nKind regards")
    story.is_in(State.AWAITING_EVIDENCE)
    story.say("confirmed in writing, reactivated on trial, the run succeeded; a picture is owed")
    wanted = story.staff_are_told(Purpose.EVIDENCE_WANTED)
    story.staff_write(wanted, "Here is the finished job.", story.picture())
    story.is_closed()


def wrong_picture(story: Story) -> None:
    """Somebody sends the picture of another job first; that proves nothing."""
    story.fails(JSON_ALERTS, "Job failed", as_json(story.job, "the connection timed out"))
    story.is_stopped()
    notice = story.is_told(Purpose.FIRST_NOTICE)
    story.is_repaired()
    story.answers(notice, "We have opened the firewall for your address.")
    story.is_in(State.AWAITING_EVIDENCE)
    wanted = story.staff_are_told(Purpose.EVIDENCE_WANTED)
    other = Story(story.stage, story.shop, _TOKEN.job, story.say)
    story.staff_write(wanted, "Done.", other.picture())
    story.is_refused()
    story.staff_write(wanted, "Sorry, this is the one.", story.picture())
    story.is_closed()


def failed_trial(story: Story) -> None:
    """The retailer believes that it is done; the trial run says otherwise, and it is stopped."""
    lines = as_lines(story.job, "Feed abgelehnt: Spalte EAN fehlt")
    story.fails(LINE_ALERTS, "Job fehlgeschlagen", lines)
    story.is_stopped()
    notice = story.is_told(Purpose.FIRST_NOTICE)
    done = "Hallo,\n\nwir haben den Feed korrigiert.\n\nViele Grüße"
    story.answers(notice, done)
    story.heard("TrialRunFailed")
    story.say("the trial run failed, whatever the retailer wrote")
    story.is_stopped(times=2)
    again = story.is_told(Purpose.FAILED_AGAIN)
    story.is_repaired()
    story.answers(again, done)
    story.is_in(State.AWAITING_EVIDENCE)
    story.staff_write(story.staff_are_told(Purpose.EVIDENCE_WANTED), "Bild anbei.", story.picture())
    story.is_closed()


def old_picture(story: Story) -> None:
    """A picture of an earlier run, kept from before the failure, is no proof."""
    story.stage.platform.fix_job(story.job.id)
    story.stage.platform.run_as_scheduled(story.job.id)
    story.stage.wait_for("an earlier run", lambda: _has_ended(story))
    old = story.picture()
    story.stage.platform.break_job(story.job.id)
    text = as_lines(story.job, "order synchronisation aborted")
    story.fails(LINE_ALERTS, "Job failed", text)
    story.is_stopped()
    notice = story.is_told(Purpose.FIRST_NOTICE)
    story.is_repaired()
    words = "nous avons corrigé la correspondance des champs de l'export des commandes."
    story.answers(notice, f"Bonjour,\n\n{words}\n\nCordialement")
    story.is_in(State.AWAITING_EVIDENCE)
    wanted = story.staff_are_told(Purpose.EVIDENCE_WANTED)
    story.staff_write(wanted, "Here.", old)
    story.is_refused()
    story.staff_write(wanted, "And now of the latest run.", story.picture())
    story.is_closed()


def _has_ended(story: Story) -> bool:
    runs = story.stage.platform.view(story.job.id).runs
    return bool(runs) and runs[0].finished_at is not None


def verified_by_staff(story: Story) -> None:
    """Nobody has to ask the retailer when a colleague repairs it and attests to it."""
    text = as_json(story.job, "website changed: the price selector matches nothing")
    story.fails(JSON_ALERTS, "Job failed", text)
    story.is_stopped()
    story.is_told(Purpose.FIRST_NOTICE)
    story.is_repaired()
    ticket = story.is_in(State.AWAITING_RETAILER)
    word = "VERIFIED: the crawler knows the new page"
    story.stage.send(STAFF, BOX, f"[{ticket.id}] crawler", word)
    story.staff_are_told(Purpose.COMMAND_ANSWER)
    story.say("a colleague attests the fix by mail and is answered with what is still owed")
    story.is_in(State.AWAITING_EVIDENCE)
    story.staff_write(
        story.staff_are_told(Purpose.EVIDENCE_WANTED), "See picture.", story.picture()
    )
    story.is_closed()


def digest(story: Story) -> None:
    """Two jobs fail for one reason: one alert, one mail to the retailer, two tickets."""
    jobs = (story.job, _STOCK.job)
    text = as_table(jobs, "order synchronisation: stock service answered nonsense")
    story.fails(TABLE_ALERTS, "2 jobs failed", text)
    story.is_stopped()
    notice = story.is_told(Purpose.FIRST_NOTICE)
    for job in jobs:
        story.stage.platform.fix_job(job.id)
    story.answers(notice, "Bonjour,\n\nnous avons mis à jour le module.\n\nBien cordialement")
    _show_finished_run(story)


def second_of_digest(story: Story) -> None:
    """The other job of the digest: told in the same mail, proven by a picture of its own."""
    story.is_stopped()
    story.is_told(Purpose.FIRST_NOTICE)
    _show_finished_run(story)


def _show_finished_run(story: Story) -> None:
    story.is_in(State.AWAITING_EVIDENCE)
    story.staff_write(story.staff_are_told(Purpose.EVIDENCE_WANTED), "Here it is.", story.picture())
    story.is_closed()


def offboarded(story: Story) -> None:
    """The retailer left the marketplace: removed after a grace, validated, shown."""
    text = as_json(story.job, "seller account closed: the shop was offboarded")
    story.fails(JSON_ALERTS, "Job failed", text)
    story.is_stopped()
    notice = story.is_told(Purpose.FIRST_NOTICE)
    words = (
        "Buenos días:\n\nYa no vendemos en lynx.\n"
        "Por favor, eliminen la integración.\n\nUn cordial saludo"
    )
    story.answers(notice, words)
    story.is_told(Purpose.REMOVAL_SCHEDULED)
    story.heard("JobRemoved")
    story.say("nobody stopped the removal; the job is removed")
    story.staff_write(story.staff_are_told(Purpose.EVIDENCE_WANTED), "Entfernt.", story.picture())
    story.is_closed()


def seen_by_mailflow(story: Story) -> None:
    """Nobody sends a picture: mailflow opens the job's page itself, and judges what it sees."""
    story.fails(JSON_ALERTS, "Job failed", as_json(story.job, "401: the access token has expired"))
    story.is_stopped()
    notice = story.is_told(Purpose.FIRST_NOTICE)
    story.is_repaired()
    story.answers(notice, "Hallo,\n\nwir haben das Token erneuert.\n\nViele Grüße")
    if can_look():
        story.heard("EvidenceReceived")
        story.say("the run succeeded, and mailflow took the picture of its page itself")
    else:  # without a browser a person is asked, as on every other platform
        story.heard("CaptureFailed")
        wanted = story.staff_are_told(Purpose.EVIDENCE_WANTED)
        story.staff_write(wanted, "Bild anbei.", story.picture())
    story.is_closed()


def stays_paused(story: Story) -> None:
    """A failure without a known cause, reported by hand; staff decide that it stays off."""
    text = (
        "Hi,\n\nsaw this on the board:\n\n"
        f"Job: {story.job.id}\nName: {story.job.name}\nRetailer: {story.job.retailer}\n"
        f"Marketplace: {story.job.marketplace}\nType: order sync\nProblem: code 7\n"
    )
    story.fails(STAFF, "something is wrong here", text)
    story.is_stopped()
    story.is_told(Purpose.FIRST_NOTICE)
    ticket = story.is_in(State.AWAITING_RETAILER)
    word = "KEEP PAUSED: the shop moves to a new system in January"
    story.stage.send(STAFF, BOX, f"[{ticket.id}] keep it off", word)
    story.is_told(Purpose.STAYS_PAUSED)


def not_stoppable(story: Story) -> None:
    """There is no switch on our side: the retailer is told just that, and has not answered yet."""
    text = as_json(story.job, "the API connection was refused")
    story.fails(JSON_ALERTS, "Job failed", text)
    why = story.heard("CannotBeStopped")
    story.say(f"it cannot be stopped on our side: {why}")
    story.is_told(Purpose.FIRST_NOTICE)


def repaired(cause: Cause, path: Path = Path.CONFIRMED) -> End:
    return End(state=State.CLOSED, standing=Standing.REACTIVATED, path=path, cause=cause)


_TOKEN = Role(
    job=_job(NORTH, "Orders", "otter", Kind.TOKEN),
    shop=NORTH,
    play=renewed_token,
    end=repaired(Cause.TOKEN_EXPIRED),
)
_STOCK = Role(
    job=_job(EAST, "Stock", "lynx", Kind.SYNC),
    shop=EAST,
    play=second_of_digest,
    end=repaired(Cause.SYNC_FAILED),
)
ROLES = (
    _TOKEN,
    Role(
        job=_job(NORTH, "Gateway", "heron", Kind.CONNECTION),
        shop=NORTH,
        play=wrong_picture,
        end=repaired(Cause.CONNECTION_FAILED),
    ),
    Role(
        job=_job(SOUTH, "Feed", "otter", Kind.FEED),
        shop=SOUTH,
        play=failed_trial,
        end=repaired(Cause.FEED_FAILED),
    ),
    Role(
        job=_job(EAST, "Returns", "otter", Kind.SYNC),
        shop=EAST,
        play=old_picture,
        end=repaired(Cause.SYNC_FAILED),
    ),
    Role(
        job=_job(WEST, "Prices", "heron", Kind.WEBSITE),
        shop=WEST,
        play=verified_by_staff,
        end=repaired(Cause.WEBSITE_CHANGED, Path.VERIFIED),
    ),
    Role(
        job=_job(EAST, "Shipments", "lynx", Kind.SYNC),
        shop=EAST,
        play=digest,
        end=repaired(Cause.SYNC_FAILED),
    ),
    _STOCK,
    Role(
        job=_job(SOUTH, "Payouts", WATCHED_MARKET, Kind.TOKEN),
        shop=SOUTH,
        play=seen_by_mailflow,
        end=repaired(Cause.TOKEN_EXPIRED),
    ),
    Role(
        job=_job(WEST, "Catalogue", "lynx", Kind.CONNECTION),
        shop=WEST,
        play=offboarded,
        end=End(
            state=State.CLOSED,
            standing=Standing.REMOVED,
            path=Path.REMOVED,
            cause=Cause.OFFBOARDED,
        ),
    ),
    Role(
        job=_job(SOUTH, "Invoices", "heron", Kind.SYNC),
        shop=SOUTH,
        play=stays_paused,
        end=End(
            state=State.STAYING_PAUSED,
            standing=Standing.STAYS_PAUSED,
            path=None,
            cause=Cause.UNKNOWN,
        ),
    ),
    Role(
        job=_job(NORTH, "Pickup", "lynx", Kind.CONNECTION),
        shop=NORTH,
        play=not_stoppable,
        stoppable=False,
        end=End(
            state=State.AWAITING_RETAILER,
            standing=Standing.NOT_STOPPED,
            path=None,
            cause=Cause.CONNECTION_FAILED,
        ),
    ),
)
MAIN_JOB = (_TOKEN,)


def play(stage: Stage, say: Say, roles: tuple[Role, ...] = ROLES) -> list[Story]:
    """Play every story at the same time. Gives the stories when all are over.

    Raises:
        TimeoutError: something did not come about; the message says what, and in which story.
    """
    began, turn = time.monotonic(), threading.Lock()
    failed: list[Exception] = []
    stories = []
    for role in roles:
        stage.platform.add_job(role.job, broken=True, stoppable=role.stoppable)

        def tell(line: str, about: str = role.job.id) -> None:
            with turn:
                say(f"{time.monotonic() - began:5.1f} s  {about:<22} {line}")

        stories.append(Story(stage, role.shop, role.job, tell))
    threads = [
        threading.Thread(target=_play, args=(role, story, failed), name=role.job.id)
        for role, story in zip(roles, stories, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]
    return stories


def _play(role: Role, story: Story, failed: list[Exception]) -> None:
    try:
        role.play(story)
    except (TimeoutError, OSError, MailflowError) as problem:
        story.say(f"this went wrong: {problem}")
        failed.append(problem)
