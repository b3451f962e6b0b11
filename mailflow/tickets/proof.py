"""What still has to be proven before a ticket may close. The one function that weighs proofs."""

from collections.abc import Iterator
from datetime import datetime

from mailflow.tickets.ticket import (
    Closure,
    Outcome,
    Path,
    Proof,
    ProofKind,
    Subject,
    Ticket,
    Witness,
)

K = ProofKind

# Each path names the proofs it rests on, all of one subject. There is no fourth path.
PATHS: dict[Path, tuple[Subject, tuple[ProofKind, ...]]] = {
    Path.CONFIRMED: (
        Subject.REPAIR,
        (K.WRITTEN_CONFIRMATION, K.CHANGE_VALIDATED, K.SCREENSHOT_ACCEPTED, K.RUN_CONFIRMED),
    ),
    Path.VERIFIED: (
        Subject.REPAIR,
        (K.TECHNICALLY_VERIFIED, K.SCREENSHOT_ACCEPTED, K.RUN_CONFIRMED),
    ),
    Path.REMOVED: (
        Subject.REMOVAL,
        (K.WRITTEN_CONFIRMATION, K.CHANGE_VALIDATED, K.SCREENSHOT_ACCEPTED),
    ),
}

# Only these may vouch for each kind; a proof by anyone else does not count.
WITNESSES: dict[ProofKind, frozenset[Witness]] = {
    K.TECHNICALLY_VERIFIED: frozenset({Witness.PROBE, Witness.STAFF}),
    K.WRITTEN_CONFIRMATION: frozenset({Witness.RETAILER}),
    K.CHANGE_VALIDATED: frozenset({Witness.PROBE, Witness.STAFF}),
    K.SCREENSHOT_ACCEPTED: frozenset({Witness.PICTURE, Witness.STAFF}),
    K.RUN_CONFIRMED: frozenset({Witness.PROBE, Witness.PICTURE, Witness.STAFF}),
}

_SHOWS_A_RUN = frozenset({K.SCREENSHOT_ACCEPTED, K.RUN_CONFIRMED})


def void_because(ticket: Ticket, proof: Proof) -> str:
    """Say why `proof` does not count for `ticket` as it stands now; empty when it counts."""
    if proof.witness not in WITNESSES[proof.kind]:
        return f"{proof.witness} cannot vouch for {proof.kind}"
    if proof.covers <= ticket.last_failure_at:
        return "it is older than the newest failure"
    if proof.subject is Subject.REMOVAL:
        if proof.kind is not K.WRITTEN_CONFIRMATION and ticket.removed_at is None:
            return "the job is not removed"
        return ""
    if proof.kind in _SHOWS_A_RUN and _stopped_by_us(ticket):
        if ticket.reactivated_at is None:
            return "the job is still stopped"
        if proof.covers <= ticket.reactivated_at:
            return "the run ended before the job was reactivated"
    return ""


def _stopped_by_us(ticket: Ticket) -> bool:
    return ticket.containment is not None and ticket.containment.outcome is Outcome.PAUSED


def standing_proofs(ticket: Ticket) -> Iterator[Proof]:
    """Give the proofs that count now, oldest first."""
    return (proof for proof in ticket.proofs if not void_because(ticket, proof))


def find_proof(ticket: Ticket, kind: ProofKind, subject: Subject) -> Proof | None:
    """Find the newest proof of `kind` that counts now."""
    fitting = [p for p in standing_proofs(ticket) if p.kind is kind and p.subject is subject]
    return max(fitting, key=lambda proof: proof.covers, default=None)


def owed(ticket: Ticket) -> dict[Path, tuple[ProofKind, ...]]:
    """Say, for each path open to the ticket, which proofs are still missing."""
    return {
        path: tuple(k for k in kinds if find_proof(ticket, k, subject) is None)
        for path, (subject, kinds) in PATHS.items()
        if (subject is Subject.REMOVAL) == (ticket.removed_at is not None)
    }


def whole_path(ticket: Ticket, at: datetime) -> Closure | None:
    """Weigh the proofs: the closure they amount to, or None while anything is owed."""
    if ticket.containment is None:
        return None
    for path, missing in owed(ticket).items():
        if not missing:
            subject, kinds = PATHS[path]
            found = [find_proof(ticket, kind, subject) for kind in kinds]
            return Closure(path=path, at=at, proofs=tuple(p for p in found if p is not None))
    return None
