"""The facts of a mail say what is recorded, and nothing else."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from mailflow.tickets.effects import Audience, Purpose, SendMail
from mailflow.tickets.ticket import (
    AccountStatus,
    Cause,
    Containment,
    Job,
    Kind,
    Outcome,
    Proof,
    ProofKind,
    Standing,
    State,
    Subject,
    Ticket,
    Witness,
)
from mailflow.workflow.facts import FIELDS, facts_for, facts_without_ticket, template_for

AT = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
MAIL = SendMail(purpose=Purpose.FIRST_NOTICE, audience=Audience.RETAILER, attachment="ab")
TICKET = Ticket(
    id="MF-1001",
    job=Job(id="j", name="", retailer="acme", marketplace="Bazaar", kind=Kind.FEED, platform="p"),
    cause=Cause.TOKEN_EXPIRED,
    error_text="no",
    opened_at=AT,
    last_failure_at=AT,
    state=State.AWAITING_RETAILER,
    status=AccountStatus(standing=Standing.RUNNING, because="", since=AT),
)


def facts(ticket=TICKET, **more):
    return facts_for(ticket, effect=MAIL, retailer=None, team="T", reply_by=None, **more)


def test_both_doors_give_exactly_the_declared_fields():
    assert set(facts()) == FIELDS
    known = {"shelf_item": 3, "unheard_of": 1}
    assert set(facts_without_ticket(MAIL, team="T", known=known)) == FIELDS


def test_an_outcome_that_is_not_recorded_is_not_told_as_one():
    assert facts()["containment"] == {
        "outcome": "not_recorded",
        "at": None,
        "because": "",
        "how": "",
    }


@pytest.mark.parametrize("outcome", Outcome)
def test_every_job_of_a_group_carries_its_own_containment(outcome):
    stopped = replace(TICKET, id="MF-2", containment=Containment(outcome=outcome, at=AT))
    jobs = facts(others=[stopped, TICKET, stopped])["jobs"]
    told = [(job["ticket_id"], job["containment"]["outcome"]) for job in jobs]
    assert told == [("MF-1001", "not_recorded"), ("MF-2", outcome.value)]


def test_a_retailer_reads_none_of_the_reasons_that_are_recorded_for_staff():
    contained = Containment(outcome=Outcome.PAUSED, at=AT, because="secret a")
    status = AccountStatus(standing=Standing.PAUSED, because="secret b", since=AT)
    proofs = tuple(
        Proof(
            id=witness, kind=ProofKind.WRITTEN_CONFIRMATION, subject=Subject.REPAIR,
            witness=witness, by="x", at=AT, covers=AT + timedelta(hours=1), source="m",
            detail=f"secret {witness}",
        )
        for witness in (Witness.PROBE, Witness.RETAILER)
    )  # fmt: skip
    ticket = replace(TICKET, containment=contained, status=status, proofs=proofs)
    assert set(re.findall("secret [a-z]+", str(facts(ticket)))) == {"secret retailer"}
    staff = set(re.findall("secret [a-z]+", str(facts(ticket, for_staff=True))))
    assert staff >= {"secret a", "secret b", "secret retailer"}


@pytest.mark.parametrize(
    ("outcome", "how"),
    [(Outcome.PAUSED, "disable_feed"), (Outcome.CANNOT, ""), (Outcome.FAILED, "")],
)
def test_an_act_is_told_only_where_it_stopped_the_job(outcome, how):
    stopped = replace(TICKET, containment=Containment(outcome=outcome, at=AT))
    assert facts(stopped)["containment"]["how"] == how
    removed = replace(stopped, removed_at=AT)
    assert facts(removed)["containment"]["how"] == ""


def test_a_run_must_be_newer_than_the_failure_and_the_reactivation():
    later = AT + timedelta(hours=2)
    assert facts()["evidence"] == {"subject": "repair", "after": AT}
    again = replace(TICKET, reactivated_at=later)
    assert facts(again)["evidence"] == {"subject": "repair", "after": later}
    removed = replace(TICKET, removed_at=later)
    assert facts(removed)["evidence"] == {"subject": "removal", "after": later}


def test_what_is_owed_is_told_for_each_open_path():
    assert [way["path"] for way in facts()["owed"]] == ["confirmed", "verified"]


def test_a_first_notice_goes_by_its_cause_and_all_else_by_its_purpose():
    assert template_for(TICKET, MAIL) == "token_expired"
    assert template_for(TICKET, replace(MAIL, purpose=Purpose.CLOSED)) == "closed"
