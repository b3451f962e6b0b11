"""The table: in each state, what may be heard and where it may lead.

`docs/ticket-states.md` is drawn from here, and `decide` checks each of its results against it.
An event that a state's row does not name changes nothing there.
"""

from mailflow.tickets import events as e
from mailflow.tickets.events import Event
from mailflow.tickets.ticket import State

S = State
Row = dict[type[Event], frozenset[State]]


def _to(*states: State) -> frozenset[State]:
    return frozenset(states)


def _stay(state: State, *kinds: type[Event]) -> Row:
    return {kind: _to(state) for kind in kinds}


_NOTED: tuple[type[Event], ...] = (
    e.EvidenceReceived,
    e.CaptureFailed,
    e.ScreenshotRefused,
    e.ScreenshotUnsure,
    e.DocumentSetAside,
    e.StaffNoted,
    e.MailReturned,
)
_REPLIES: tuple[type[Event], ...] = (e.ReplyUnclear, e.ReplyPromised, e.ReplyNeedsPerson)
_STOPS: tuple[type[Event], ...] = (
    e.JobPaused,
    e.CannotBeStopped,
    e.PauseFailed,
    e.JobFoundRunning,
)


def _awaiting_an_answer(here: State) -> Row:
    return {
        **_stay(here, *_NOTED, *_STOPS, e.AlertReceived, e.ReplyPromised, e.AbsenceNoticed),
        e.JobRemoved: _to(S.AWAITING_EVIDENCE, S.WITH_STAFF),
        e.ProofAccepted: _to(here, S.ON_TRIAL, S.REMOVAL_SCHEDULED, S.WITH_STAFF, S.CLOSED),
        e.ReplyNeedsPerson: _to(S.WITH_STAFF),
        e.MailRefused: _to(here, S.WITH_STAFF),
        e.StaffReactivated: _to(S.ON_TRIAL),
        e.StaffKeptPaused: _to(here, S.STAYING_PAUSED),
        e.DeadlinePassed: _to(here, S.WITH_STAFF),
    }


TRANSITIONS: dict[State, Row] = {
    S.CONTAINING: {
        **_stay(S.CONTAINING, *_NOTED, *_REPLIES, e.AlertReceived, e.JobFoundRunning),
        **_stay(S.CONTAINING, e.ProofAccepted, e.MailRefused, e.StaffKeptPaused),
        e.JobRemoved: _to(S.AWAITING_EVIDENCE, S.WITH_STAFF),
        e.JobPaused: _to(
            S.AWAITING_RETAILER,
            S.STAYING_PAUSED,
            S.ON_TRIAL,
            S.REMOVAL_SCHEDULED,
            S.WITH_STAFF,
        ),
        e.CannotBeStopped: _to(S.AWAITING_RETAILER, S.ON_TRIAL, S.REMOVAL_SCHEDULED, S.WITH_STAFF),
        e.PauseFailed: _to(S.WITH_STAFF),
        e.DeadlinePassed: _to(S.WITH_STAFF),
    },
    S.AWAITING_RETAILER: {
        **_awaiting_an_answer(S.AWAITING_RETAILER),
        e.ReplyUnclear: _to(S.CLARIFYING, S.WITH_STAFF),
    },
    S.CLARIFYING: {
        **_awaiting_an_answer(S.CLARIFYING),
        e.ReplyUnclear: _to(S.WITH_STAFF),
    },
    S.ON_TRIAL: {
        **_stay(S.ON_TRIAL, *_NOTED, *_REPLIES, e.MailRefused, e.JobReactivated),
        e.AlertReceived: _to(S.ON_TRIAL, S.CONTAINING),
        e.ReactivationFailed: _to(S.ON_TRIAL, S.WITH_STAFF),
        e.TrialRunFailed: _to(S.ON_TRIAL, S.CONTAINING),
        e.RunsUnknowable: _to(S.ON_TRIAL, S.AWAITING_EVIDENCE),
        e.JobRemoved: _to(S.AWAITING_EVIDENCE, S.WITH_STAFF),
        e.ProofAccepted: _to(S.ON_TRIAL, S.AWAITING_EVIDENCE, S.CLOSED),
        e.StaffKeptPaused: _to(S.ON_TRIAL, S.CONTAINING),
        e.DeadlinePassed: _to(S.WITH_STAFF),
    },
    S.AWAITING_EVIDENCE: {
        **_stay(S.AWAITING_EVIDENCE, *_NOTED, *_REPLIES, e.MailRefused),
        e.AlertReceived: _to(S.AWAITING_EVIDENCE, S.CONTAINING, S.WITH_STAFF),
        e.TrialRunFailed: _to(S.AWAITING_EVIDENCE, S.CONTAINING),
        e.JobRemoved: _to(S.AWAITING_EVIDENCE, S.WITH_STAFF),
        e.ProofAccepted: _to(S.AWAITING_EVIDENCE, S.CLOSED),
        e.StaffKeptPaused: _to(S.AWAITING_EVIDENCE, S.CONTAINING),
        e.DeadlinePassed: _to(S.AWAITING_EVIDENCE, S.WITH_STAFF),
    },
    S.REMOVAL_SCHEDULED: {
        **_stay(S.REMOVAL_SCHEDULED, *_NOTED, *_STOPS, e.AlertReceived),
        e.JobRemoved: _to(S.AWAITING_EVIDENCE, S.WITH_STAFF),
        e.ProofAccepted: _to(S.REMOVAL_SCHEDULED, S.REMOVING, S.WITH_STAFF),
        **{kind: _to(S.WITH_STAFF) for kind in (*_REPLIES, e.MailRefused)},
        e.StaffReactivated: _to(S.ON_TRIAL),
        e.StaffKeptPaused: _to(S.REMOVAL_SCHEDULED, S.STAYING_PAUSED),
        e.DeadlinePassed: _to(S.REMOVING, S.WITH_STAFF),
    },
    S.REMOVING: {
        **_stay(S.REMOVING, *_NOTED, *_REPLIES, e.AlertReceived, e.MailRefused),
        **_stay(S.REMOVING, e.ProofAccepted),
        e.JobRemoved: _to(S.AWAITING_EVIDENCE),
        e.RemovalFailed: _to(S.WITH_STAFF),
        e.DeadlinePassed: _to(S.WITH_STAFF),
    },
    S.STAYING_PAUSED: {
        **_stay(S.STAYING_PAUSED, *_NOTED, *_STOPS, e.AlertReceived, e.ReplyPromised),
        **_stay(S.STAYING_PAUSED, e.MailRefused),
        e.JobRemoved: _to(S.AWAITING_EVIDENCE, S.WITH_STAFF),
        e.ProofAccepted: _to(S.STAYING_PAUSED, S.WITH_STAFF),
        e.ReplyUnclear: _to(S.WITH_STAFF),
        e.ReplyNeedsPerson: _to(S.WITH_STAFF),
        e.StaffReactivated: _to(S.ON_TRIAL),
        e.StaffHandedBack: _to(S.AWAITING_RETAILER, S.ON_TRIAL, S.REMOVAL_SCHEDULED, S.WITH_STAFF),
        e.DeadlinePassed: _to(S.WITH_STAFF),
    },
    S.WITH_STAFF: {
        **_stay(S.WITH_STAFF, *_NOTED, *_REPLIES, *_STOPS, e.MailRefused),
        **_stay(S.WITH_STAFF, e.JobReactivated, e.ReactivationFailed, e.RunsUnknowable),
        **_stay(S.WITH_STAFF, e.JobRemoved, e.RemovalFailed, e.DeadlinePassed),
        e.AlertReceived: _to(S.WITH_STAFF, S.CONTAINING),
        e.TrialRunFailed: _to(S.WITH_STAFF, S.CONTAINING),
        e.ProofAccepted: _to(S.WITH_STAFF, S.CLOSED),
        e.StaffReactivated: _to(S.WITH_STAFF, S.ON_TRIAL),
        e.StaffKeptPaused: _to(S.WITH_STAFF, S.STAYING_PAUSED, S.CONTAINING),
        e.StaffHandedBack: _to(
            S.WITH_STAFF,
            S.AWAITING_RETAILER,
            S.ON_TRIAL,
            S.AWAITING_EVIDENCE,
            S.REMOVAL_SCHEDULED,
        ),
    },
    S.CLOSED: {},
}
