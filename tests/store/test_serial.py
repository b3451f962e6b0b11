import dataclasses
import types
import typing
from datetime import datetime
from enum import Enum

import pytest

from mailflow.store.columns import as_text, cleaned
from mailflow.store.serial import EFFECTS, EVENTS, pack, unpack, unpack_effect, unpack_event
from mailflow.tickets.ticket import Proof, ProofKind, Ticket
from tests.builders import a_proof, minute, on_trial


def an_example(hint):
    """Make a value of the type, so that a new field cannot be forgotten here."""
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        hint = typing.get_args(hint)[0]
    if typing.get_origin(hint) is tuple:
        return (an_example(typing.get_args(hint)[0]),) * 2
    if hint is Proof:
        return a_proof(ProofKind.RUN_CONFIRMED, 3.123456)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return list(hint)[-1]
    return {str: 'ü "7"\n', int: 7, bool: True, float: 1.5, datetime: minute(1.123457)}[hint]


def an_example_of(kind):
    hints = typing.get_type_hints(kind)
    return kind(**{field.name: an_example(hints[field.name]) for field in dataclasses.fields(kind)})


@pytest.mark.parametrize("name", EVENTS)
def test_every_event_comes_back_as_it_was(name):
    event = an_example_of(EVENTS[name])
    assert unpack_event(name, pack(event)) == event


@pytest.mark.parametrize("name", EFFECTS)
def test_every_effect_comes_back_as_it_was(name):
    effect = an_example_of(EFFECTS[name])
    assert unpack_effect(name, pack(effect)) == effect


def test_a_ticket_comes_back_as_it_was():
    ticket = on_trial().ticket
    assert unpack(Ticket, pack(ticket)) == ticket


def test_what_no_database_stores_is_replaced():
    assert cleaned("a\x00b\ud800c") == "a\ufffdb?c"


def test_a_time_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="no time zone"):
        as_text(datetime(2026, 3, 2))  # noqa: DTZ001 - the claim
