"""What the people on the stage do: a story a job, told from outside of mailflow.

Nothing here reaches into mailflow but to see where a ticket stands: people read mails, answer them,
repair jobs and take pictures of the platform's pages.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from mailflow.demo.camera import take_picture
from mailflow.demo.people import BOX, STAFF, Received, Shop
from mailflow.demo.stage import Stage
from mailflow.edges.clock import SystemClock
from mailflow.tickets.effects import Purpose
from mailflow.tickets.ticket import Cause, Job, Path, Standing, State, Ticket
from mailflow.workflow.records import MailState

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """How a ticket has to stand when its story is over."""

    state: State
    standing: Standing
    path: Path | None
    cause: Cause


class Story:
    """One job, its retailer and a member of staff. Each verb waits until it has come about."""

    def __init__(self, stage: Stage, shop: Shop, job: Job, say: Say) -> None:
        self.stage = stage
        self.shop = shop
        self.job = job
        self.say = say
        self.stopped_after: float | None = None  # seconds from the alert's sending
        self._began = time.monotonic()

    # what happens to the job

    def fails(self, sender: str, subject: str, text: str) -> None:
        """The platform's job check mails an alert."""
        self._began = time.monotonic()
        self.stage.send(sender, BOX, subject, text)

    def is_stopped(self, *, times: int = 1) -> None:
        self.stage.wait_for(f"stop {times} of {self.job.id}", lambda: self._stops() >= times)
        if times == 1:
            self.stopped_after = time.monotonic() - self._began
            self.say(f"stopped {self.stopped_after:.1f} s after its alert was sent")
        else:
            self.say("stopped again")

    def _stops(self) -> int:
        undone = ("reactivate", "remove", "run_now")
        acts = [a for a in self.stage.platform.acts() if a.job == self.job.id and not a.repeated]
        return len([a for a in acts if a.verb not in undone])

    def is_repaired(self) -> None:
        self.stage.platform.fix_job(self.job.id)

    # what people do

    def is_told(self, purpose: Purpose, *, times: int = 1) -> Received:
        """Wait for the retailer's mail of that purpose."""
        mail = self._mail_to(self.shop.address, purpose, times)
        self.say(f"{self.shop.name} is told: {mail.subject}")
        return mail

    def staff_are_told(self, purpose: Purpose) -> Received:
        return self._mail_to(STAFF, purpose, 1)

    def answers(self, mail: Received, text: str) -> None:
        """The retailer writes back, with our mail below the words."""
        self.stage.wait_for("a second after the failure", self._is_later_than_the_failure)
        self._write(self.shop.address, mail, f"{text}\n\n{mail.quoted()}\n")

    def _is_later_than_the_failure(self) -> bool:
        """Mail servers date mails in whole seconds: one of the failure's own is not newer."""
        ticket = self.ticket()
        now = SystemClock().now().replace(microsecond=0)
        return ticket is None or now > ticket.last_failure_at

    def staff_write(self, mail: Received, text: str, picture: bytes | None = None) -> None:
        self._write(STAFF, mail, text, picture)

    def picture(self) -> bytes:
        """Take a picture of the job's page, as it is now."""
        return take_picture(self.stage.page_of(self.job.id))

    def is_refused(self, *, times: int = 1) -> None:
        """Wait until that many pictures were refused, or left to a person."""
        refusals = ("ScreenshotRefused", "ScreenshotUnsure")
        heard = self.heard(*refusals, times=times)
        self.say(f"a picture proves nothing: {heard.removeprefix('the picture proves nothing: ')}")

    # where the ticket stands

    def ticket(self) -> Ticket | None:
        return next((t for t in self.stage.tickets() if t.job.id == self.job.id), None)

    def is_in(self, *states: State) -> Ticket:
        def look() -> Ticket | None:
            ticket = self.ticket()
            return ticket if ticket is not None and ticket.state in states else None

        return self.stage.wait_for(f"{self.job.id} in {', '.join(states)}", look)

    def heard(self, *events: str, times: int = 1) -> str:
        """Wait for an event and give the reason that was recorded with it."""

        def look() -> str | None:
            ticket = self.ticket()
            found = (
                [e for e in self.stage.story_of(ticket.id) if e.event in events] if ticket else []
            )
            return found[times - 1].because if len(found) >= times else None

        return self.stage.wait_for(f"{events[0]} for {self.job.id}", look)

    def is_closed(self) -> None:
        ticket = self.is_in(State.CLOSED)
        assert ticket.closure is not None
        kinds = ", ".join(proof.kind.value.replace("_", " ") for proof in ticket.closure.proofs)
        self.say(f"closed on the path '{ticket.closure.path}': {kinds}")

    def _mail_to(self, person: str, purpose: Purpose, times: int) -> Received:
        def look() -> Received | None:
            ticket = self.ticket()
            if ticket is None:
                return None
            about = [
                mail.message_id
                for mail in self.stage.sent_about(ticket.id)
                if mail.purpose == purpose and person in mail.to and mail.state is MailState.SENT
            ]
            got = [mail for mail in self.stage.mails_of(person) if mail.message_id in about]
            return got[times - 1] if len(got) >= times else None

        return self.stage.wait_for(f"{purpose} to {person} for {self.job.id}", look)

    def _write(self, sender: str, mail: Received, text: str, picture: bytes | None = None) -> None:
        subject = f"Re: {mail.subject}"
        if picture is None:
            self.stage.send(sender, mail.reply_to, subject, text, answers=mail)
        else:
            self.stage.send(sender, mail.reply_to, subject, text, answers=mail, picture=picture)
