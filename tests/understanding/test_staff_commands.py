"""Staff commands: what counts as an order, and what only looks like one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailflow.understanding.meaning import CommandKind
from mailflow.understanding.staff_commands import COMMANDS, read_orders

K = CommandKind


@pytest.mark.parametrize(
    ("line", "kind", "text"),
    [
        ("VERIFIED", K.VERIFIED, ""),
        ("verified.", K.VERIFIED, ""),
        ("  /verified: run 17 ended well", K.VERIFIED, "run 17 ended well"),
        ("VERIFIED run 17 ended well", K.VERIFIED, "run 17 ended well"),
        ("Verifiziert", K.VERIFIED, ""),
        ("- VALIDATED: new token is stored", K.VALIDATED, "new token is stored"),
        ("VALIDIERT", K.VALIDATED, ""),
        ("Screenshot ok", K.SCREENSHOT_OK, ""),
        ("SCREENSHOT  OK - the job is green", K.SCREENSHOT_OK, "the job is green"),
        ("Bild OK", K.SCREENSHOT_OK, ""),
        ("REACTIVATE", K.REACTIVATE, ""),
        ("reaktivieren!", K.REACTIVATE, ""),
        ("KEEP PAUSED: retailer is not reachable", K.KEEP_PAUSED, "retailer is not reachable"),
        ("Pausiert lassen: Umbau bis Mai", K.KEEP_PAUSED, "Umbau bis Mai"),
        ("Hand back", K.HAND_BACK, ""),
        ("Note: I will not call again?", K.NOTE, "I will not call again?"),
    ],
)
def test_a_command_on_its_own_line_counts(line: str, kind: CommandKind, text: str) -> None:
    orders = read_orders(f"Hello,\n\n{line}\n\nregards")
    assert [(c.kind, c.text, c.line) for c in orders.commands] == [(kind, text, line.strip())]
    assert orders.not_understood == ()


@pytest.mark.parametrize(
    "line",
    [
        "NOT VERIFIED",
        "not validated: the token is old",
        "VERIFIED: not yet",
        "VERIFIED?",
        "VERIFIED if the run ends well",
        "verified the token this morning",
        "Validated addresses are listed below",
        "VALIDIERT: noch nicht",
        "verify",
        "Screenshot is attached",
        "SCREENSHOT OKAY",
        "REACTIVATE tomorrow",
        "Reactivated",
        "do not reactivate",
        "KEEP PAUSED",
        "keep it paused",
        "please hand back",
        "HAND BACK later",
        "NOTE",
        "note that this is prose",
        "Can you verify?",
        "VERIFIED, but the feed fails",
    ],
)
def test_what_only_resembles_a_command_goes_to_a_person(line: str) -> None:
    orders = read_orders(line)
    assert orders.commands == ()
    assert orders.not_understood == (line,)


@pytest.mark.parametrize(
    "line",
    [
        "> VERIFIED",
        "  >> VALIDATED",
        "| REACTIVATE",
        "We have verified it.",
        "Thanks",
        "",
        "hand it",
    ],
)
def test_quotes_and_prose_are_neither(line: str) -> None:
    orders = read_orders(line)
    assert (orders.commands, orders.not_understood) == ((), ())


def test_contradicting_orders_are_none() -> None:
    orders = read_orders("REACTIVATE\nKEEP PAUSED: wait\nVERIFIED")
    assert [command.kind for command in orders.commands] == [K.VERIFIED]
    assert orders.not_understood == ("REACTIVATE", "KEEP PAUSED: wait")


def test_an_order_given_twice_is_one() -> None:
    assert len(read_orders("VERIFIED\nVERIFIED").commands) == 1


def test_every_kind_is_explained_and_its_word_works() -> None:
    assert {command.kind for command in COMMANDS} == set(CommandKind)
    for command in COMMANDS:
        assert [c.kind for c in read_orders(command.word).commands] == [command.kind]


@given(st.text())
def test_quoting_any_text_silences_it(text: str) -> None:
    quoted = "\n".join(f"> {line}" for line in text.splitlines())
    assert read_orders(quoted).commands == ()


@given(
    st.sampled_from(["VERIFIED", "VALIDATED", "SCREENSHOT OK"]),
    st.text(st.characters(exclude_categories=["C", "Z"])),
)
def test_a_doubt_after_an_attestation_always_undoes_it(word: str, text: str) -> None:
    for doubt in ("not", "maybe", "nicht", "if", "?"):
        assert read_orders(f"{word}: {text} {doubt} {text}").commands == ()
