"""A job platform inside this process. It keeps real state and a record of every act."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from mailflow.tickets.effects import Stop
from mailflow.tickets.errors import GiveUp
from mailflow.tickets.ticket import Job
from mailflow.workflow.ports import Clock, JobState, NotStoppable, Run, RunStatus

_ITEMS_OF_A_GOOD_RUN = 1204


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One call that would change something. A repeat of a known key changes nothing."""

    verb: str
    job: str
    key: str
    at: datetime
    repeated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedRun:
    """A run whose outcome was settled when it began and shows once it has ended."""

    id: str
    started_at: datetime
    ends_at: datetime
    succeeds: bool

    def seen_at(self, now: datetime) -> Run:
        if now < self.ends_at:
            status, finished = RunStatus.RUNNING, None
        else:
            status = RunStatus.SUCCEEDED if self.succeeds else RunStatus.FAILED
            finished = self.ends_at
        detail = f"{self.items_at(now)} items"
        return Run(
            id=self.id,
            status=status,
            started_at=self.started_at,
            finished_at=finished,
            detail=detail,
        )

    def items_at(self, now: datetime) -> int:
        return _ITEMS_OF_A_GOOD_RUN if self.succeeds and now >= self.ends_at else 0


@dataclass(slots=True, kw_only=True)
class SimulatedJob:
    """What the platform knows of a job. Only the platform changes it, under its lock."""

    job: Job
    broken: bool = False  # every run fails until it is fixed
    stoppable: bool = True
    fails_next: bool = False
    state: JobState = JobState.RUNNING
    removed_at: datetime | None = None
    runs: list[SimulatedRun] = field(default_factory=list)  # oldest first


@dataclass(frozen=True, slots=True, kw_only=True)
class JobView:
    """A job as it stood at one moment; runs newest first."""

    job: Job
    state: JobState
    broken: bool
    stoppable: bool
    removed_at: datetime | None
    runs: tuple[Run, ...]
    items: tuple[int, ...]  # of each run


class SimulatedPlatform:
    """Implements the Platform port. Job ids are unique on it. Safe for many threads."""

    def __init__(self, name: str = "simulated", *, clock: Clock, run_seconds: float = 0.0) -> None:
        self._name = name
        self._clock = clock
        self._run_time = timedelta(seconds=run_seconds)
        self._lock = threading.Lock()
        self._jobs: dict[str, SimulatedJob] = {}
        self._acts: list[Act] = []
        self._answers: dict[str, tuple[str, str, str]] = {}  # key: verb, job, what was answered
        self._run_count = 0

    @property
    def name(self) -> str:
        return self._name

    # what the stage does

    def add_job(self, job: Job, *, broken: bool = False, stoppable: bool = True) -> None:
        """Put a job on the platform.

        Raises:
            GiveUp: its id is taken.
        """
        with self._lock:
            if job.id in self._jobs:
                raise GiveUp(f"there is a job {job.id!r} already")
            self._jobs[job.id] = SimulatedJob(job=job, broken=broken, stoppable=stoppable)

    def break_job(self, job_id: str) -> None:
        with self._lock:
            self._by_id(job_id).broken = True

    def fix_job(self, job_id: str) -> None:
        with self._lock:
            self._by_id(job_id).broken = False

    def fail_next_run(self, job_id: str) -> None:
        with self._lock:
            self._by_id(job_id).fails_next = True

    def run_as_scheduled(self, job_id: str) -> bool:
        """Run the job as its timetable would; False where it is stopped or removed."""
        with self._lock:
            entry = self._by_id(job_id)
            if entry.state is not JobState.RUNNING:
                return False
            self._begin_run(entry)
            return True

    def acts(self) -> tuple[Act, ...]:
        """Give every act, oldest first; `repeated` tells the ones that did nothing again."""
        with self._lock:
            return tuple(self._acts)

    def view(self, job_id: str) -> JobView:
        with self._lock:
            return self._view(self._by_id(job_id))

    def views(self) -> tuple[JobView, ...]:
        with self._lock:
            return tuple(self._view(entry) for entry in self._jobs.values())

    # the port

    def stop(self, job: Job, stop: Stop, *, key: str) -> str:
        def work(entry: SimulatedJob) -> str:
            if not entry.stoppable:
                raise NotStoppable(f"{self._name} has no switch for the job {job.id}")
            if entry.state is JobState.RUNNING:
                entry.state = JobState.STOPPED
            return f"the job was stopped on {self._name} ({stop.value})"

        return self._once(stop.value, job, key, work)

    def reactivate(self, job: Job, *, key: str) -> str:
        def work(entry: SimulatedJob) -> str:
            self._refuse_removed(entry)
            entry.state = JobState.RUNNING
            return f"the job was switched on again on {self._name}"

        return self._once("reactivate", job, key, work)

    def remove(self, job: Job, *, key: str) -> str:
        def work(entry: SimulatedJob) -> str:
            if entry.removed_at is None:
                entry.removed_at = self._clock.now()
            entry.state = JobState.REMOVED
            return f"the job was removed on {self._name}"

        return self._once("remove", job, key, work)

    def run_now(self, job: Job, *, key: str) -> str:
        def work(entry: SimulatedJob) -> str:
            self._refuse_removed(entry)
            if entry.state is JobState.STOPPED:
                raise GiveUp(f"the job {job.id} is stopped and cannot run")
            return f"the run {self._begin_run(entry)} was started on {self._name}"

        return self._once("run_now", job, key, work)

    def state_of(self, job: Job) -> JobState:
        with self._lock:
            return self._of(job).state

    def last_runs(self, job: Job) -> tuple[Run, ...]:
        with self._lock:
            return self._view(self._of(job)).runs

    # inside the lock

    def _once(self, verb: str, job: Job, key: str, work: Callable[[SimulatedJob], str]) -> str:
        """Do the work unless this key did it before; a refused act may be tried again."""
        with self._lock:
            entry = self._of(job)
            known = self._answers.get(key)
            if known is not None and known[:2] != (verb, job.id):
                raise GiveUp(f"the key {key!r} was used for another act")
            answer = known[2] if known is not None else work(entry)
            self._answers[key] = (verb, job.id, answer)
            self._acts.append(
                Act(
                    verb=verb,
                    job=job.id,
                    key=key,
                    at=self._clock.now(),
                    repeated=known is not None,
                )
            )
            return answer

    def _begin_run(self, entry: SimulatedJob) -> str:
        self._run_count += 1
        now = self._clock.now()
        run = SimulatedRun(
            id=f"R-{1000 + self._run_count}",
            started_at=now,
            ends_at=now + self._run_time,
            succeeds=not (entry.broken or entry.fails_next),
        )
        entry.fails_next = False
        entry.runs.append(run)
        return run.id

    def _view(self, entry: SimulatedJob) -> JobView:
        now = self._clock.now()
        newest_first = entry.runs[::-1]
        return JobView(
            job=entry.job,
            state=entry.state,
            broken=entry.broken,
            stoppable=entry.stoppable,
            removed_at=entry.removed_at,
            runs=tuple(run.seen_at(now) for run in newest_first),
            items=tuple(run.items_at(now) for run in newest_first),
        )

    def _of(self, job: Job) -> SimulatedJob:
        entry = self._by_id(job.id)
        if (entry.job.retailer, entry.job.marketplace) != (job.retailer, job.marketplace):
            raise GiveUp(f"the job {job.id!r} is not one of {job.retailer} on {job.marketplace}")
        return entry

    def _by_id(self, job_id: str) -> SimulatedJob:
        entry = self._jobs.get(job_id)
        if entry is None:
            raise GiveUp(f"there is no job {job_id!r}")
        return entry

    def _refuse_removed(self, entry: SimulatedJob) -> None:
        if entry.state is JobState.REMOVED:
            raise GiveUp(f"the job {entry.job.id} is removed")
