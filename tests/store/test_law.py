"""What plain SQL may not do, on either database."""

import pytest
import sqlalchemy as sa

from mailflow.store.engine import write_engine
from mailflow.tickets.ticket import ProofKind, State
from tests.builders import paused, proven
from tests.store.courses import closed, nearly_closed, open_one, tell

CLAIM = "written_confirmation-10"
CHECKED = "run_confirmed-12/validates"
RUN = "run_confirmed-12"

INSERT_PROOF = (
    "INSERT INTO proofs (ticket, id, kind, subject, witness, by, at, covers, source, detail) "
    "SELECT 'T-1', '{id}', '{kind}', '{subject}', '{witness}', 'x', at, {covers}, 'x', '' "
    "FROM proofs WHERE id = 'run_confirmed-12'"
)


@pytest.fixture
def sql(memory, database_url):
    engine = write_engine(database_url)

    def run(statement):
        with engine.begin() as connection:
            connection.exec_driver_sql(statement)

    yield run
    engine.dispose()


def close(claim, validation, screenshot, run, path="confirmed"):
    values = {
        "closing_path": path,
        "closing_claim": claim,
        "closing_validation": validation,
        "closing_screenshot": screenshot,
        "closing_run": run,
    }
    said = ", ".join(
        f"{column} = " + ("NULL" if value is None else f"'{value}'")
        for column, value in values.items()
    )
    return f"UPDATE tickets SET state = 'closed', {said} WHERE id = 'T-1'"


def put_proof(
    sql, *, kind="screenshot_accepted", subject="repair", witness="picture", covers="covers"
):
    sql(
        INSERT_PROOF.format(id="forged", kind=kind, subject=subject, witness=witness, covers=covers)
    )


def test_a_whole_path_of_standing_proofs_closes(memory, sql):
    nearly_closed(memory)
    put_proof(sql)
    sql(close(CLAIM, CHECKED, "forged", RUN))


@pytest.mark.parametrize("missing", range(4))
def test_a_path_with_a_hole_closes_nothing(memory, sql, missing):
    nearly_closed(memory)
    put_proof(sql)
    path: list[str | None] = [CLAIM, CHECKED, "forged", RUN]
    path[missing] = None
    with pytest.raises(sa.exc.IntegrityError):
        sql(close(*path))


@pytest.mark.parametrize("wrong", range(4))
def test_a_proof_of_another_kind_fills_no_hole(memory, sql, wrong):
    nearly_closed(memory)
    put_proof(sql)
    path = [CLAIM, CHECKED, "forged", RUN]
    path[wrong] = path[(wrong + 1) % 4]
    with pytest.raises(sa.exc.IntegrityError, match="only on proof"):
        sql(close(*path))


@pytest.mark.parametrize("path", ["verified", "removed", "by decree", None])
def test_the_proofs_of_one_path_close_on_no_other(memory, sql, path):
    nearly_closed(memory)
    put_proof(sql)
    with pytest.raises(sa.exc.IntegrityError):
        sql(close(CLAIM, CHECKED, "forged", RUN, path=path))


def test_a_proof_that_was_never_given_closes_nothing(memory, sql):
    nearly_closed(memory)
    with pytest.raises(sa.exc.IntegrityError, match="only on proof"):
        sql(close(CLAIM, CHECKED, "invented", RUN))


def test_a_proof_of_another_ticket_closes_nothing(memory, sql):
    nearly_closed(memory)
    other = open_one(memory, "T-2", job="feed-8")
    tell(memory, other, paused(1), proven(ProofKind.WRITTEN_CONFIRMATION, 20))
    put_proof(sql)
    with pytest.raises(sa.exc.IntegrityError, match="only on proof"):
        sql(close("written_confirmation-20", CHECKED, "forged", RUN))


def test_a_bare_closed_is_refused(memory, sql):
    open_one(memory)
    with pytest.raises(sa.exc.IntegrityError):
        sql("UPDATE tickets SET state = 'closed'")


@pytest.mark.parametrize("state", ["CLOSED", "closed ", "done"])
def test_no_other_word_for_closed_gets_by(memory, sql, state):
    open_one(memory)
    with pytest.raises(sa.exc.IntegrityError):
        sql(f"UPDATE tickets SET state = '{state}'")


def test_a_proof_about_something_else_closes_nothing(memory, sql):
    nearly_closed(memory)
    put_proof(sql, subject="removal")
    with pytest.raises(sa.exc.IntegrityError, match="only on proof"):
        sql(close(CLAIM, CHECKED, "forged", RUN))


def test_a_proof_older_than_the_newest_failure_closes_nothing(memory, sql):
    nearly_closed(memory)
    put_proof(sql, covers="(SELECT last_failure_at FROM tickets)")
    with pytest.raises(sa.exc.IntegrityError, match="only on proof"):
        sql(close(CLAIM, CHECKED, "forged", RUN))


def test_a_newer_failure_cannot_be_forgotten(memory, sql):
    open_one(memory)
    past = "'2001-01-01T00:00:00.000000+00:00'"
    with pytest.raises(sa.exc.IntegrityError, match="not forgotten"):
        sql(f"UPDATE tickets SET last_failure_at = {past}")


def test_nobody_vouches_for_what_is_not_theirs(memory, sql):
    nearly_closed(memory)
    with pytest.raises(sa.exc.IntegrityError):
        put_proof(sql, kind="technically_verified", witness="retailer")


def test_the_rules_close_what_the_law_allows(memory):
    assert closed(memory).state is State.CLOSED


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE tickets SET state = 'with_staff'",
        "UPDATE tickets SET last_failure_at = '2031-01-01T00:00:00.000000+00:00'",
        "UPDATE tickets SET closing_path = 'verified'",
        "DELETE FROM tickets",
        "UPDATE events SET because = 'nothing'",
        "DELETE FROM events",
        "UPDATE proofs SET witness = 'staff' WHERE kind = 'run_confirmed'",
        "DELETE FROM proofs",
    ],
)
def test_what_happened_is_not_rewritten(memory, sql, statement):
    closed(memory)
    with pytest.raises(sa.exc.IntegrityError):
        sql(statement)


def test_nothing_is_swapped_for_another_row(memory, sql, database_url):
    closed(memory)
    if database_url.startswith("sqlite"):
        swaps = [
            f"INSERT OR REPLACE INTO {name} SELECT * FROM {name}"
            for name in ("tickets", "events", "proofs")
        ]
    else:
        swaps = [f"TRUNCATE {name} CASCADE" for name in ("tickets", "events", "proofs")]
    for statement in swaps:
        with pytest.raises(sa.exc.IntegrityError):
            sql(statement)
