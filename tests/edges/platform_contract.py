"""What every connector must do, whatever stands behind it. Subclass it and give `platform`."""

from dataclasses import replace
from datetime import UTC

import pytest

from mailflow.edges.platforms.simulated import SimulatedPlatform
from mailflow.tickets.effects import Stop
from mailflow.tickets.errors import GiveUp
from mailflow.tickets.ticket import Job, Kind
from mailflow.workflow.ports import JobState, NotStoppable, Platform, RunStatus

JOB = Job(
    id="JOB 48/11?",  # an id that must be encoded on its way
    name="Price feed",
    retailer="acme-tools",
    marketplace="nordmarkt.de",
    kind=Kind.FEED,
    platform="simulated",
)
FIXED = replace(JOB, id="JOB-2", name="Order sync", kind=Kind.SYNC)


class PlatformContract:
    """`simulated` is what stands behind `platform`; JOB and FIXED (not stoppable) are on it."""

    @pytest.fixture
    def simulated(self, clock) -> SimulatedPlatform:
        platform = SimulatedPlatform(clock=clock)
        platform.add_job(JOB)
        platform.add_job(FIXED, stoppable=False)
        return platform

    @pytest.mark.parametrize("stop", list(Stop))
    def test_a_stop_returns_once_the_platform_reports_it(self, platform: Platform, stop: Stop):
        assert platform.stop(JOB, stop, key="1")
        assert platform.state_of(JOB) is JobState.STOPPED

    def test_a_job_without_a_switch_is_not_stoppable(self, platform: Platform):
        with pytest.raises(NotStoppable):
            platform.stop(FIXED, Stop.PAUSE_MARKETPLACE, key="1")
        assert platform.state_of(FIXED) is JobState.RUNNING

    def test_an_act_repeated_with_its_key_is_done_once(self, platform: Platform, simulated):
        for _ in range(3):
            platform.run_now(JOB, key="same")
        assert len(platform.last_runs(JOB)) == 1
        assert [act.repeated for act in simulated.acts()] == [False, True, True]

    def test_another_key_is_another_act(self, platform: Platform):
        platform.run_now(JOB, key="1")
        platform.run_now(JOB, key="2")
        assert len(platform.last_runs(JOB)) == 2

    def test_a_stopped_job_can_be_switched_on_again(self, platform: Platform):
        platform.stop(JOB, Stop.DISABLE_FEED, key="1")
        platform.reactivate(JOB, key="2")
        assert platform.state_of(JOB) is JobState.RUNNING

    def test_a_removed_job_is_reported_as_removed(self, platform: Platform):
        platform.remove(JOB, key="1")
        assert platform.state_of(JOB) is JobState.REMOVED

    def test_stopping_a_removed_job_is_no_fault(self, platform: Platform):
        platform.remove(JOB, key="1")
        assert platform.stop(JOB, Stop.DISABLE_FEED, key="2")
        assert platform.state_of(JOB) is JobState.REMOVED

    def test_a_removed_job_is_never_switched_on(self, platform: Platform):
        platform.remove(JOB, key="1")
        with pytest.raises(GiveUp):
            platform.reactivate(JOB, key="2")

    def test_a_job_that_never_ran_has_no_runs(self, platform: Platform):
        assert platform.last_runs(JOB) == ()

    def test_runs_come_newest_first_in_aware_utc(self, platform: Platform, simulated):
        simulated.break_job(JOB.id)
        platform.run_now(JOB, key="1")
        simulated.fix_job(JOB.id)
        platform.run_now(JOB, key="2")
        newest, oldest = platform.last_runs(JOB)
        assert (newest.status, oldest.status) == (RunStatus.SUCCEEDED, RunStatus.FAILED)
        assert newest.finished_at is not None
        assert newest.finished_at.tzinfo is UTC
        assert newest.started_at is not None
        assert oldest.started_at is not None
        assert newest.started_at >= oldest.started_at

    def test_a_job_of_another_account_is_unknown(self, platform: Platform):
        with pytest.raises(GiveUp):
            platform.stop(replace(JOB, retailer="someone-else"), Stop.DISABLE_FEED, key="1")
        assert platform.state_of(JOB) is JobState.RUNNING

    def test_an_unknown_job_is_given_up(self, platform: Platform):
        with pytest.raises(GiveUp):
            platform.state_of(replace(JOB, id="nowhere"))
