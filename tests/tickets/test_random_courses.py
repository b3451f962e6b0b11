"""Whatever happens, in whatever order: closed only on proof, contained first, never stuck."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from mailflow.tickets import events as e
from mailflow.tickets.containing import open_ticket
from mailflow.tickets.decide import decide
from mailflow.tickets.decision import Decision
from mailflow.tickets.effects import (
    Audience,
    Effect,
    PauseJob,
    Purpose,
    ReactivateJob,
    RemoveJob,
    RunJob,
    SendMail,
)
from mailflow.tickets.policy import Policy
from mailflow.tickets.proof import standing_proofs
from mailflow.tickets.ticket import (
    Cause,
    Kind,
    Outcome,
    Path,
    Proof,
    ProofKind,
    Standing,
    State,
    Subject,
    Ticket,
    Witness,
)
from mailflow.tickets.wanted import unwanted_because
from tests.builders import START, a_job, an_alert

POLICY = Policy()
TEXT = "words"
ONCE = (Purpose.FIRST_NOTICE, Purpose.ON_TRIAL, Purpose.CLOSED)
TO_RETAILER = [p for p in Purpose if p not in (Purpose.HAND_OVER, Purpose.ESCALATION)]

# Written down a second time on purpose: the rules are not judged by their own words.
WHOLE = {
    Path.VERIFIED: {"technically_verified", "screenshot_accepted", "run_confirmed"},
    Path.CONFIRMED: {
        "written_confirmation",
        "change_validated",
        "screenshot_accepted",
        "run_confirmed",
    },
    Path.REMOVED: {"written_confirmation", "change_validated", "screenshot_accepted"},
}
MAY_VOUCH = {
    "technically_verified": {"probe", "staff"},
    "written_confirmation": {"retailer"},
    "change_validated": {"probe", "staff"},
    "screenshot_accepted": {"picture", "staff"},
    "run_confirmed": {"probe", "picture", "staff"},
}


def assert_closed_on_proof(ticket: Ticket, told: dict[str, Proof]) -> None:
    """Check a closed ticket against nothing but what was told."""
    closure = ticket.closure
    assert closure is not None
    assert {proof.kind.value for proof in closure.proofs} == WHOLE[closure.path]
    subject = "removal" if closure.path is Path.REMOVED else "repair"
    for proof in closure.proofs:
        origin = told[proof.id.partition("/")[0]]
        assert origin.covers == proof.covers
        assert origin.source == proof.source
        assert proof.witness.value in MAY_VOUCH[proof.kind.value]
        assert proof.subject.value == subject
        assert proof.covers > ticket.last_failure_at
        assert proof.covers <= ticket.closure.at + POLICY.clock_skew  # type: ignore[union-attr]
        if subject == "repair" and proof.kind.value in ("screenshot_accepted", "run_confirmed"):
            assert ticket.containment is not None
            if ticket.containment.outcome is Outcome.PAUSED:
                assert ticket.reactivated_at is not None
                assert proof.covers > ticket.reactivated_at
    assert (ticket.removed_at is not None) == (closure.path is Path.REMOVED)


minutes = st.integers(min_value=-30, max_value=30)


class AnyCourse(RuleBasedStateMachine):
    """One ticket, told anything at any time, in any order, twice and too late."""

    ticket: Ticket

    def __init__(self) -> None:
        super().__init__()
        self.now: datetime = START
        self.told: dict[str, Proof] = {}
        self.heard: list[e.Event] = []
        self.trials: list[int] = []
        self.sent: set[tuple[Purpose, int]] = set()

    @initialize(kind=st.sampled_from(Kind), cause=st.sampled_from(Cause))
    def open(self, kind: Kind, cause: Cause) -> None:
        opening = open_ticket("T-1", a_job(kind=kind), an_alert(cause=cause), POLICY)
        assert [type(effect) for effect in opening.effects] == [PauseJob]
        self.ticket = opening.ticket

    def tell(self, event: e.Event) -> None:
        before = self.ticket
        decision = decide(before, event, POLICY)
        self.check(before, event, decision)
        self.ticket = decision.ticket
        self.heard.append(event)

    def check(self, before: Ticket, event: e.Event, decision: Decision) -> None:
        after = decision.ticket
        assert decision.because
        assert after.last_failure_at >= before.last_failure_at, "a failure is never forgotten"
        if before.is_open and not after.is_open:
            assert isinstance(event, e.ProofAccepted)
            assert_closed_on_proof(after, self.told)
        for effect in decision.effects:
            self.check_once(after, effect)
            if isinstance(effect, ReactivateJob | RunJob):
                self.trials.append(effect.trial)
            if isinstance(effect, SendMail) and effect.audience is not Audience.STAFF:
                assert after.containment is not None, "nobody outside is told before the stop"
            if isinstance(effect, RemoveJob):
                claims = {(p.kind, p.subject) for p in standing_proofs(after)}
                assert (ProofKind.WRITTEN_CONFIRMATION, Subject.REMOVAL) in claims
        if before.state is not State.WITH_STAFF and after.state is State.WITH_STAFF:
            assert any(
                isinstance(effect, SendMail) and effect.audience is Audience.STAFF
                for effect in decision.effects
            ), "a person who is to act is told"

    def check_once(self, after: Ticket, effect: Effect) -> None:
        """Nobody is told the same twice: neither that it failed, nor of a trial, nor of the end."""
        if isinstance(effect, SendMail) and effect.purpose in ONCE:
            key = (effect.purpose, after.trial if effect.purpose is Purpose.ON_TRIAL else 0)
            assert key not in self.sent
            self.sent.add(key)

    @rule(passed=st.integers(min_value=0, max_value=3000))
    def time_passes(self, passed: int) -> None:
        self.now += timedelta(minutes=passed)

    @rule(outcome=st.sampled_from([e.JobPaused, e.CannotBeStopped, e.PauseFailed]))
    def the_stop_ends(self, outcome: Callable[..., e.Event]) -> None:
        self.tell(outcome(at=self.now, because=TEXT))

    @rule(ago=minutes)
    def it_fails_again(self, ago: int) -> None:
        failed_at = self.now - timedelta(minutes=ago)
        self.tell(
            e.AlertReceived(
                at=self.now, failed_at=failed_at, error_text=TEXT, cause=Cause.UNKNOWN, message="m"
            )
        )
        if self.ticket.is_open and failed_at <= self.now:
            assert self.ticket.last_failure_at >= failed_at
            assert all(proof.covers > failed_at for proof in standing_proofs(self.ticket))

    @rule(ago=minutes, old=st.booleans(), data=st.data())
    @precondition(lambda self: bool(self.trials))
    def the_trial_says(self, ago: int, old: bool, data: Any) -> None:
        trial = data.draw(st.sampled_from(self.trials)) if old else self.trials[-1]
        finished = self.now - timedelta(minutes=ago)
        before = self.ticket
        failed = e.TrialRunFailed(
            at=self.now, trial=trial, finished_at=finished, run="r", because=TEXT
        )
        said: e.Event = data.draw(
            st.sampled_from(
                [
                    e.JobReactivated(at=self.now, trial=trial),
                    e.JobReactivated(at=self.now, trial=trial),
                    e.ReactivationFailed(at=self.now, trial=trial, because=TEXT),
                    e.RunsUnknowable(at=self.now, trial=trial, because=TEXT),
                    failed,
                ]
            )
        )
        hears = before.state in (State.ON_TRIAL, State.AWAITING_EVIDENCE, State.WITH_STAFF)
        self.tell(said)
        if said is failed and trial == before.trial and hears and before.removed_at is None:
            assert self.ticket.last_failure_at >= min(finished, self.now)

    @rule(event=st.sampled_from([e.JobRemoved, e.RemovalFailed, e.JobFoundRunning]))
    def the_platform_says(self, event: Callable[..., e.Event]) -> None:
        self.tell(event(at=self.now, because=TEXT))

    @rule(
        kind=st.sampled_from(ProofKind),
        subject=st.sampled_from([Subject.REPAIR, Subject.REPAIR, Subject.REMOVAL]),
        data=st.data(),
        ago=st.sampled_from([0, 0, 0, 0, 5, 60, 3000, -60]),
    )
    def something_is_proven(self, kind: ProofKind, subject: Subject, data: Any, ago: int) -> None:
        fitting = st.sampled_from(sorted(MAY_VOUCH[kind.value])).map(Witness)
        witness = data.draw(st.one_of(fitting, fitting, fitting, st.sampled_from(Witness)))
        source = f"source-{data.draw(st.integers(0, 5))}"
        self.prove(kind, subject, witness, ago=ago, source=source)

    def prove(
        self,
        kind: ProofKind,
        subject: Subject,
        witness: Witness,
        *,
        ago: int = 0,
        source: str = "s",
    ) -> None:
        proof = Proof(
            id=f"p{len(self.told)}",
            kind=kind,
            subject=subject,
            witness=witness,
            by=f"contact-{len(self.told) % 2}@example.com",
            at=self.now,
            covers=self.now - timedelta(minutes=ago),
            source=source,
        )
        self.told[proof.id] = proof
        self.tell(e.ProofAccepted(at=self.now, proof=proof))

    @rule()
    @precondition(lambda self: self.ticket.is_open)
    def what_is_awaited_happens(self) -> None:
        """Now and then the course goes as it should, so that the far states are visited too."""
        self.now += timedelta(minutes=1)
        ticket, leaving = self.ticket, self.ticket.cause is Cause.OFFBOARDED
        subject = Subject.REMOVAL if leaving else Subject.REPAIR
        match ticket.state:
            case State.CONTAINING:
                self.tell(e.JobPaused(at=self.now, because=TEXT))
            case State.AWAITING_RETAILER | State.CLARIFYING:
                self.prove(ProofKind.WRITTEN_CONFIRMATION, subject, Witness.RETAILER)
            case State.ON_TRIAL if ticket.reactivated_at is None:
                self.tell(e.JobReactivated(at=self.now, trial=ticket.trial))
            case State.ON_TRIAL:
                source = f"run-{len(self.told)}"
                self.prove(ProofKind.RUN_CONFIRMED, subject, Witness.PROBE, source=source)
            case State.AWAITING_EVIDENCE:
                self.prove(ProofKind.CHANGE_VALIDATED, subject, Witness.STAFF)
                self.prove(ProofKind.SCREENSHOT_ACCEPTED, subject, Witness.PICTURE)
            case State.REMOVING:
                self.tell(e.JobRemoved(at=self.now, because=TEXT))
            case _:
                self.tell(e.StaffHandedBack(at=self.now, by="b"))

    @rule(data=st.data())
    @precondition(lambda self: bool(self.heard))
    def it_is_told_twice(self, data: Any) -> None:
        self.tell(data.draw(st.sampled_from(self.heard)))

    @rule(data=st.data())
    def somebody_writes(self, data: Any) -> None:
        about: dict[str, Any] = {"at": self.now, "message": "m", "gist": TEXT}
        until = data.draw(st.none() | minutes.map(lambda ahead: self.now + timedelta(days=ahead)))
        pictures: dict[str, Any] = {"at": self.now, "attachment": "a", "sender": "s@example.com"}
        choices: list[e.Event] = [
            e.ReplyUnclear(**about, reasons=(TEXT,)),
            e.ReplyPromised(**about, until=until),
            e.AbsenceNoticed(at=self.now, message="m", until=until),
            e.ReplyNeedsPerson(**about, about="question"),
            e.ScreenshotRefused(**pictures, reasons=(TEXT,)),
            e.DocumentSetAside(**pictures, reasons=(TEXT,)),
            e.ScreenshotUnsure(
                **pictures, reasons=(TEXT,), disputed=data.draw(st.booleans()), covers=self.now
            ),
            e.CaptureFailed(at=self.now, trial=data.draw(st.sampled_from([0, 1, 2])), because=TEXT),
            e.EvidenceReceived(
                at=self.now, message="m", sender="s", from_staff=False, attachments=("a", "a")
            ),
            e.MailRefused(
                at=self.now,
                purpose="reminder",
                to_staff=data.draw(st.booleans()),
                because=TEXT,
            ),
        ]
        self.tell(data.draw(st.sampled_from(choices)))

    @rule(data=st.data())
    def staff_order(self, data: Any) -> None:
        orders: list[e.Event] = [
            e.StaffReactivated(at=self.now, by="b"),
            e.StaffKeptPaused(at=self.now, by="b", because=TEXT),
            e.StaffHandedBack(at=self.now, by="b"),
            e.StaffNoted(at=self.now, by="b", text=TEXT),
            e.MailReturned(at=self.now, message="m", because=TEXT),
        ]
        self.tell(data.draw(st.sampled_from(orders)))

    @rule()
    @precondition(lambda self: self.ticket.is_open)
    def the_deadline_passes(self) -> None:
        assert self.ticket.deadline is not None
        self.now = max(self.now, self.ticket.deadline)
        self.tell(e.DeadlinePassed(at=self.now, due=self.ticket.deadline))

    @rule(early=minutes)
    def a_moved_deadline_passes(self, early: int) -> None:
        self.tell(e.DeadlinePassed(at=self.now, due=self.now - timedelta(minutes=early)))

    @invariant()
    def an_open_ticket_has_a_deadline_and_a_closed_one_none(self) -> None:
        assert (self.ticket.deadline is None) == (not self.ticket.is_open)

    @invariant()
    def no_mail_to_the_retailer_is_wanted_before_the_stop_is_settled(self) -> None:
        if self.ticket.containment is None:
            for purpose in TO_RETAILER:
                mail = SendMail(purpose=purpose, audience=Audience.RETAILER)
                assert unwanted_because(self.ticket, mail)

    @invariant()
    def the_status_says_what_is(self) -> None:
        ticket, standing = self.ticket, self.ticket.status.standing
        assert (ticket.removed_at is not None) == (standing is Standing.REMOVED)
        if standing in (Standing.PAUSED, Standing.STAYS_PAUSED):
            assert ticket.containment is not None
            assert ticket.containment.outcome is Outcome.PAUSED
        if ticket.state is State.STAYING_PAUSED:
            assert ticket.reactivated_at is None
        if ticket.state is State.CLOSED:
            assert standing in (Standing.REACTIVATED, Standing.REMOVED)

    @invariant()
    def silence_leads_to_a_person(self) -> None:
        ticket, told = self.ticket, not self.ticket.is_open
        for _ in range(2 * POLICY.reminders + 4):
            if told or ticket.deadline is None:
                break
            passed = e.DeadlinePassed(at=ticket.deadline, due=ticket.deadline)
            decision = decide(ticket, passed, POLICY)
            ticket = decision.ticket
            told = any(
                isinstance(effect, SendMail) and effect.audience is Audience.STAFF
                for effect in decision.effects
            )
        assert told, "silence must end at a person"


AnyCourse.TestCase.settings = settings(
    max_examples=150,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
TestAnyCourse = AnyCourse.TestCase
