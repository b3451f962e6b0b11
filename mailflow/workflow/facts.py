"""The facts a mail may print: the contract between the workflow and the mail templates.

Everything here is recorded somewhere; nothing is guessed. Times are aware UTC, words are stable
keys (`paused`, `written_confirmation`) that the templates put into the reader's language. Reasons
that mailflow itself records are sentences for staff; a retailer is told by keys alone, and hears
beside them only what people wrote.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from mailflow.tickets.effects import STOP_BY_KIND, Purpose, SendMail
from mailflow.tickets.proof import owed, standing_proofs
from mailflow.tickets.ticket import Outcome, Proof, Subject, Ticket, Witness
from mailflow.workflow.records import Entry, Retailer

Facts = dict[str, object]

STORY_LINES = 30  # a mail shows the latest lines; the rest is in the ticket
NOT_RECORDED = "not_recorded"  # stands for an outcome that nobody has recorded yet

# Every name that a template may use. A template that wants another one is broken.
FIELDS = frozenset(
    {
        "ticket",  # id opened_at error_text last_failure_at state cause follows closed_by
        "job",  # id name kind marketplace
        "jobs",  # of the same, with ticket_id, error_text, failed_at, containment; this one first
        "retailer",  # name
        "containment",  # outcome at because how: the act, empty where nothing is stopped
        "status",  # standing because since
        "evidence",  # subject: repair or removal; after: what a run must be newer than
        "reply_by",
        "options",
        "reason",
        "reasons",
        "owed",  # of path, kinds
        "proofs",  # of kind, witness, by, at, covers, detail
        "story",  # of at, event, because, state
        "commands",  # of line, meaning
        "reply_text",  # what was written to us, word for word
        "team",
        "has_picture",
        "pictures",  # of name, undecided, failed: names of the checks that were not passed
        "shelf_item",
        "kind",
        "digest",  # see `workflow/digest.py`
    }
)

# Facts that keep their line breaks; all others are one line.
MANY_LINES = frozenset({"error_text", "reply_text", "detail"})


def facts_for(  # noqa: PLR0913 - all by name: one door for everything a ticket's mail may say
    ticket: Ticket,
    *,
    effect: SendMail,
    retailer: Retailer | None,
    others: Sequence[Ticket] = (),
    team: str,
    reply_by: datetime | None,
    reply_text: str = "",
    for_staff: bool = False,
    story: Sequence[Entry] = (),
    options: Sequence[str] = (),
    commands: Sequence[tuple[str, str]] = (),
    pictures: Sequence[tuple[str, bool, Sequence[str]]] = (),
) -> Facts:
    """Assemble the facts of a mail about `ticket`; `others` share a first mail with it.

    `reply_by` is when we act without an answer, None when nothing depends on one. `options` are
    printed word for word; `commands` are pairs of the line to write and what it does.
    """
    return {
        **_nothing(team),
        **_about_ticket(ticket, for_staff=for_staff),
        "jobs": [
            _grouped(each, for_staff=for_staff) for each in (ticket, *_further(ticket, others))
        ],
        "retailer": {"name": retailer.name if retailer else ticket.job.retailer},
        "reply_by": reply_by,
        "options": list(options),
        **_about_effect(effect),
        "story": [_line(entry) for entry in story[-STORY_LINES:]],
        "commands": _commands(commands),
        "pictures": [
            {"name": name, "undecided": undecided, "failed": list(failed)}
            for name, undecided, failed in pictures
        ],
        "reply_text": reply_text,
    }


def facts_without_ticket(
    effect: SendMail,
    *,
    team: str,
    known: Mapping[str, Any],
) -> Facts:
    """Assemble the facts of a mail about no single ticket: triage, daily digest.

    `known` is what its order carries: `shelf_item` and `kind` for triage, `digest` for the
    digest. Names that no template knows are left out.
    """
    return {
        **_nothing(team),
        **_about_effect(effect),
        **{name: value for name, value in known.items() if name in FIELDS},
    }


def template_for(ticket: Ticket | None, effect: SendMail) -> str:
    """Name the template folder: the cause for a first notice, else the purpose."""
    if effect.purpose is Purpose.FIRST_NOTICE and ticket is not None:
        return ticket.cause.value
    return effect.purpose.value


def _nothing(team: str) -> Facts:
    """Give every name a value, so that a template never wants one that is not there."""
    return {
        **dict.fromkeys(("ticket", "job", "retailer", "containment", "status", "evidence")),
        **{name: [] for name in ("jobs", "options", "reasons", "owed", "proofs", "story")},
        "commands": [],
        "pictures": [],
        **dict.fromkeys(("reason", "reply_text", "kind"), ""),
        "digest": None,
        "reply_by": None,
        "shelf_item": None,
        "has_picture": False,
        "team": team,
    }


def _about_effect(effect: SendMail) -> Facts:
    return {
        "reason": effect.reason,
        "reasons": list(effect.reasons),
        "has_picture": bool(effect.attachment),
    }


def _about_ticket(ticket: Ticket, *, for_staff: bool) -> Facts:
    return {
        "ticket": {
            "id": ticket.id,
            "opened_at": ticket.opened_at,
            "error_text": ticket.error_text,
            "last_failure_at": ticket.last_failure_at,
            "state": ticket.state.value,
            "cause": ticket.cause.value,
            "follows": ticket.follows,
            "closed_by": ticket.closure.path.value if ticket.closure else "",
        },
        "job": _job(ticket),
        "containment": _containment(ticket, for_staff=for_staff),
        "status": {
            "standing": ticket.status.standing.value,
            "because": ticket.status.because if for_staff else "",
            "since": ticket.status.since,
        },
        "evidence": _evidence(ticket),
        "owed": _owed(ticket),
        "proofs": _proofs(ticket, for_staff=for_staff),
    }


def _job(ticket: Ticket) -> Facts:
    job = ticket.job
    return {
        "id": job.id,
        "name": job.name or job.id,
        "kind": job.kind.value,
        "marketplace": job.marketplace,
    }


def _containment(ticket: Ticket, *, for_staff: bool) -> Facts:
    containment = ticket.containment
    if containment is None:
        return {"outcome": NOT_RECORDED, "at": None, "because": "", "how": ""}
    acted = containment.outcome is Outcome.PAUSED and ticket.removed_at is None
    return {
        "outcome": containment.outcome.value,
        "at": containment.at,
        "because": containment.because if for_staff else "",
        "how": STOP_BY_KIND[ticket.job.kind].value if acted else "",
    }


def _further(ticket: Ticket, others: Sequence[Ticket]) -> list[Ticket]:
    by_id = {other.id: other for other in others if other.id != ticket.id}
    return list(by_id.values())


def _grouped(ticket: Ticket, *, for_staff: bool) -> Facts:
    return {
        **_job(ticket),
        "ticket_id": ticket.id,
        "error_text": ticket.error_text,
        "failed_at": ticket.last_failure_at,
        "containment": _containment(ticket, for_staff=for_staff),
    }


def _evidence(ticket: Ticket) -> Facts:
    """Say what a picture must show: the removed job, or a run newer than failure and restart."""
    if ticket.removed_at is not None:
        return {"subject": Subject.REMOVAL.value, "after": ticket.removed_at}
    after = max(ticket.last_failure_at, ticket.reactivated_at or ticket.last_failure_at)
    return {"subject": Subject.REPAIR.value, "after": after}


def _owed(ticket: Ticket) -> list[Facts]:
    if not ticket.is_open:
        return []
    return [
        {"path": path.value, "kinds": [kind.value for kind in kinds]}
        for path, kinds in owed(ticket).items()
    ]


def _proofs(ticket: Ticket, *, for_staff: bool) -> list[Facts]:
    """Give the proofs it was closed on; of an open ticket, those that count now."""
    found = ticket.closure.proofs if ticket.closure else tuple(standing_proofs(ticket))
    return [_proof(proof, for_staff=for_staff) for proof in found]


def _proof(proof: Proof, *, for_staff: bool) -> Facts:
    by_a_person = proof.witness in (Witness.RETAILER, Witness.STAFF)
    return {
        "kind": proof.kind.value,
        "witness": proof.witness.value,
        "by": proof.by,
        "at": proof.at,
        "covers": proof.covers,
        "detail": proof.detail if for_staff or by_a_person else "",
    }


def _line(entry: Entry) -> Facts:
    return {
        "at": entry.at,
        "event": entry.event,
        "because": entry.because,
        "state": entry.state_after,
    }


def _commands(commands: Sequence[tuple[str, str]]) -> list[Facts]:
    return [{"line": line, "meaning": meaning} for line, meaning in commands]
