"""A token is worth something only for its ticket and its addresses."""

import pytest

from mailflow.understanding.tokens import check, make_token, read_keys, read_tokens, reply_address

KEY, OLD = b"k" * 32, b"o" * 32


def test_a_token_opens_its_own_ticket_for_its_own_address_only():
    token = make_token(KEY, "MF-1001", ["anna@shop.example"])
    assert check([KEY], "MF-1001", ["anna@shop.example"], token)
    assert check([KEY], "mf-1001", ["Anna@Shop.example"], token.upper())
    assert not check([KEY], "MF-1002", ["anna@shop.example"], token)
    assert not check([KEY], "MF-1001", ["eve@shop.example"], token)
    assert not check([KEY], "MF-1001", ["anna@shop.example"], token[:-1] + "é")


def test_a_token_holds_128_bit_in_lower_case_base32():
    token = make_token(KEY, "MF-1001", ["anna@shop.example"])
    assert len(token) == 26
    assert set(token) <= set("abcdefghijklmnopqrstuvwxyz234567")


def test_a_token_of_the_old_key_is_good_until_the_key_is_dropped():
    token = make_token(OLD, "MF-1001", ["anna@shop.example"])
    assert check([KEY, OLD], "MF-1001", ["anna@shop.example"], token)
    assert not check([KEY], "MF-1001", ["anna@shop.example"], token)
    assert not check([], "MF-1001", ["anna@shop.example"], token)


def test_a_reply_address_gives_back_what_went_into_it():
    token = make_token(KEY, "MF-1001", ["anna@shop.example"])
    address = reply_address("alerts@mailflow.example", "MF-1001", token)
    assert len(address.partition("@")[0]) <= 64
    assert read_tokens([address, address.lower(), "x@y.example"]) == [("MF-1001", token)]


def test_other_plus_addresses_hold_no_token():
    assert read_tokens(["a+b@c.example", "a+MF-1.short@c.example", "+MF-1.@", "", "@" * 9999]) == []


def test_a_token_given_to_two_is_one_for_both_together():
    token = make_token(KEY, "MF-1", ["anna@shop.example", "ben@shop.example"])
    assert check([KEY], "MF-1", ["ben@shop.example", "anna@shop.example"], token)
    assert not check([KEY], "MF-1", ["anna@shop.example"], token)
    assert not check([KEY], "MF-1", ["anna@shop.example\0ben@shop.example"], token[::-1])


def test_keys_stand_one_a_line_the_newest_first():
    assert read_keys("n" * 32 + "\n\n " + "o" * 40 + "\n") == [b"n" * 32, b"o" * 40]
    for bad, why in [("", "no key"), ("n" * 32 + "\nshort", "key 2 has 5 bytes")]:
        with pytest.raises(ValueError, match=why):
            read_keys(bad)
