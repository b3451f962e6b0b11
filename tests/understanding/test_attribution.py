"""A mail lands on one ticket or on none; two that fit are none."""

import pytest

from mailflow.understanding.attribution import attribute, clues
from mailflow.understanding.parse import parse
from mailflow.understanding.tokens import make_token

BOX = "alerts@mailflow.example"
TOKEN = make_token(b"k" * 32, "MF-1", ["anna@shop.example"])


def _clues(subject: str = "Re: your job"):
    return clues(parse(f"From: anna@shop.example\r\nSubject: {subject}\r\n\r\nx".encode()), BOX)


def _attribute(valid=(), referenced=(), sender=(), subject="Re: your job"):
    found = attribute(
        _clues(subject), valid_tokens=valid, referenced=referenced, open_of_sender=sender
    )
    return found.ticket, found.candidates


def test_the_clues_are_tokens_of_our_box_references_tags_and_the_sender():
    raw = (
        f"From: Anna <Anna@shop.example>\r\nTo: alerts+MF-1.{TOKEN}@mailflow.example, "
        f"alerts+MF-2.{TOKEN}@evil.example, other+MF-3.{TOKEN}@mailflow.example\r\n"
        "Subject: Re: [mf-7] [MF-7] job\r\nIn-Reply-To: <b@x>\r\nReferences: <a@x>\r\n <b@x>\r\n"
        "\r\nx"
    )
    found = clues(parse(raw.encode()), BOX)
    assert found.tokens == (("MF-1", TOKEN),)
    assert found.references == ("<b@x>", "<a@x>")
    assert found.subject_tags == ("MF-7",)
    assert found.from_address == "anna@shop.example"


def test_a_token_is_found_in_the_address_of_delivery_too():
    raw = f"Delivered-To: alerts+MF-1.{TOKEN}@mailflow.example\r\nFrom: a@b.example\r\n\r\nx"
    assert clues(parse(raw.encode()), BOX).tokens == (("MF-1", TOKEN),)


@pytest.mark.parametrize(
    ("given", "ticket", "candidates"),
    [
        ({"valid": {"MF-1"}, "sender": {"MF-1", "MF-2"}}, "MF-1", ()),
        ({"valid": {"MF-1"}, "referenced": {"MF-1", "MF-2"}}, "MF-1", ()),
        ({"valid": {"MF-1"}, "referenced": {"MF-2"}}, "", ("MF-1", "MF-2")),
        ({"valid": {"MF-1", "MF-2"}}, "", ("MF-1", "MF-2")),
        ({"referenced": {"MF-2"}, "sender": {"MF-1"}}, "MF-2", ()),
        ({"referenced": {"MF-2", "MF-3"}}, "", ("MF-2", "MF-3")),
        ({"sender": {"MF-1"}}, "MF-1", ()),
        ({"sender": {"MF-1", "MF-2"}}, "", ("MF-1", "MF-2")),
        ({}, "", ()),
    ],
)
def test_the_strongest_clue_decides_and_a_conflict_is_left_to_a_person(given, ticket, candidates):
    assert _attribute(**given) == (ticket, candidates)


def test_a_tag_in_the_subject_chooses_among_the_candidates():
    assert _attribute(sender={"MF-1", "MF-2"}, subject="Re: [MF-2] job") == ("MF-2", ())
    assert _attribute(referenced={"MF-1", "MF-2"}, subject="[MF-1]") == ("MF-1", ())


def test_a_tag_in_the_subject_gives_no_access_to_any_other_ticket():
    assert _attribute(subject="[MF-9]") == ("", ())
    assert _attribute(sender={"MF-1"}, subject="[MF-9]") == ("", ("MF-1",))
    assert _attribute(sender={"MF-1", "MF-2"}, subject="[MF-1] [MF-2]") == ("", ("MF-1", "MF-2"))


def test_a_reply_address_that_proves_nothing_takes_no_ticket_but_may_keep_one_back():
    raw = f"From: a@b.example\r\nTo: alerts+MF-9.{TOKEN}@mailflow.example\r\n\r\nx"
    stray = clues(parse(raw.encode()), BOX)
    nothing: dict[str, set[str]] = {"valid_tokens": set(), "referenced": set()}
    for open_ones, candidates in [(set(), ()), ({"MF-1"}, ("MF-1",)), ({"MF-9"}, ())]:
        found = attribute(stray, open_of_sender=open_ones, **nothing)
        assert found.ticket == ("MF-9" if "MF-9" in open_ones else "")
        assert found.candidates == candidates
