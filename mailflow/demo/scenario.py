"""The main job, played through real servers: alert, stop, notice, answer, proof, closure."""

import json
import time
from collections.abc import Callable

from mailflow.demo.camera import take_picture
from mailflow.demo.stage import ALERTS, BOX, SHOP, STAFF, Received, Stage, just_now
from mailflow.tickets.ticket import Job, Kind, State, Ticket

Say = Callable[[str], None]
_JOB = "orders-north-otter"


def play(stage: Stage, say: Say) -> bool:
    """Play one job from its alert to its proven closure. Returns whether it ended as it should."""
    job = Job(
        id=_JOB,
        name="Order import North",
        retailer="north",
        marketplace="otter",
        kind=Kind.SYNC,
        platform="simulated",
    )
    stage.platform.add_job(job, broken=True, stoppable=True)
    began = time.monotonic()
    stage.send(ALERTS, BOX, "Job failed", _alert(job))
    stage.wait_for("the stop", lambda: _acts(stage))
    say(f"stopped {time.monotonic() - began:.2f} s after its alert was sent: {job.name}")
    notice = stage.wait_for("the first notice", lambda: _latest(stage, SHOP, 0))
    say(f"the retailer is told: {notice.subject}")
    stage.send(SHOP, notice.reply_to, "Re: " + notice.subject, "We will do it.", answers=notice)
    stage.wait_for("the promise", lambda: _heard(stage, "ReplyPromised"))
    say(f"a promise closes nothing: the ticket is {_ticket(stage).state}")
    stage.platform.fix_job(_JOB)
    text = "Hello,\n\nwe have renewed the access token.\n\nKind regards"
    stage.send(SHOP, notice.reply_to, "Re: " + notice.subject, text, answers=notice)
    stage.wait_for("the confirmed run", lambda: _in(stage, State.AWAITING_EVIDENCE))
    say("confirmed in writing, reactivated on trial, the run succeeded; the picture is owed")
    wanted = stage.wait_for("the call for evidence", lambda: _latest(stage, STAFF, 0))
    picture = take_picture(stage.page_of(_JOB))
    (stage.folder / "job.png").write_bytes(picture)
    words = "Here is the finished job."
    stage.send(
        STAFF, wanted.reply_to, "Re: " + wanted.subject, words, answers=wanted, picture=picture
    )
    closed = stage.wait_for("the closure", lambda: _in(stage, State.CLOSED))
    assert closed.closure is not None
    say(f"closed on the path '{closed.closure.path}':")
    for proof in closed.closure.proofs:
        say(f"  {proof.kind} by {proof.by}: {proof.detail[:90]}")
    return True


def _alert(job: Job) -> str:
    failure = {
        "job": {"id": job.id, "name": job.name},
        "retailer": job.retailer,
        "marketplace": job.marketplace,
        "kind": "order sync",
        "error": "401: the access token has expired",
        "failed_at": just_now(),
    }
    return json.dumps({"failures": [failure]})


def _acts(stage: Stage) -> bool:
    return bool(stage.platform.acts())


def _latest(stage: Stage, person: str, after: int) -> Received | None:
    mails = stage.mails_of(person)
    return mails[-1] if len(mails) > after else None


def _ticket(stage: Stage) -> Ticket:
    return stage.tickets()[0]


def _in(stage: Stage, state: State) -> Ticket | None:
    ticket = _ticket(stage)
    return ticket if ticket.state is state else None


def _heard(stage: Stage, event: str) -> bool:
    return event in stage.events_of(_ticket(stage).id)
