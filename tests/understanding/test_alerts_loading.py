"""Rule packs: what is refused when they are loaded, and in which words."""

import time

import pytest

from mailflow.understanding.alerts import RulePackError, load_packs
from mailflow.understanding.alerts.patterns import compile_safely

GOOD = """name = "good"
senders.addresses = ["jobs@alerts.example"]
extract.form = "key_value"
fields = {job = "Job", retailer = "Retailer", marketplace = "Marketplace"}
defaults.kind = "feed"
"""


def faults_of(**texts: str) -> list[str]:
    with pytest.raises(RulePackError) as raised:
        load_packs({f"{name}.toml": text for name, text in texts.items()})
    return [str(fault) for fault in raised.value.faults]


def test_a_good_pack_loads() -> None:
    assert load_packs({"good.toml": GOOD}).is_sender("jobs@alerts.example")


def test_no_pack_is_no_fault_and_no_sender() -> None:
    assert not load_packs({}).is_sender("jobs@alerts.example")


def test_all_faults_of_all_files_come_at_once() -> None:
    found = faults_of(
        a=GOOD.replace("jobs@alerts.example", "jobs") + "oops = 1\n",
        b="name = ",
        c=GOOD.replace('"feed"', '"teapot"'),
    )
    assert len(found) == 4
    assert any(line.startswith("a.toml: senders.addresses.0: 'jobs' is no addr") for line in found)
    assert "a.toml: oops: is unknown; remove it or correct its spelling" in found
    assert any(line.startswith("b.toml: the file: is no TOML") for line in found)
    assert any(line.startswith("c.toml: defaults.kind:") for line in found)


@pytest.mark.parametrize(
    ("change", "to", "says"),
    [
        ('"jobs@alerts.example"', "", "nobody may send"),
        ('job = "Job", ', "", "nothing gives job"),
        ('defaults.kind = "feed"', "", "nothing gives kind"),
        ('"key_value"', '"regex"', "give a pattern"),
        ('"key_value"', '"key_value"\nextract.where = "either"', "remove where"),
        ('"key_value"', '"key_value"\nextract.records = "a"', "remove them"),
        ('"key_value"', '"key_value"\nmatch.subject = "("', "is no regular expression"),
        ('"key_value"', '"key_value"\ntime.zone = "Mars/Base"', "no IANA time zone"),
        ('name = "good"', "", "is missing; add it"),
        ('"key_value"', '"key_value"\ncauses = [{match = "x", cause = "y"}]', "correct it"),
        ('"key_value"', '"regex"\nextract.pattern = "(?P<who>x)"', "unknown groups"),
    ],
)
def test_each_fault_names_its_remedy(change: str, to: str, says: str) -> None:
    (found,) = faults_of(good=GOOD.replace(change, to))
    assert says in found


def test_two_packs_may_not_share_a_name() -> None:
    assert faults_of(a=GOOD, b=GOOD) == ["b.toml: name: is taken; choose another"]


@pytest.mark.parametrize(
    "pattern",
    [
        "(a+)+$", "(a*)*", "(?:a+b?)+", "((a+))*", "(a|aa)+$", "(?:x{2,}){3,}", ".*a.*b.*c",
        r"(\w+)\1", "(?P<a>x)(?P=a)", "(a?)*", "x" * 501, "", "(", "(?P<a>(b+)c)+", "([)+]+)+",
    ],
)  # fmt: skip
def test_a_pattern_that_can_blow_up_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match=r"; |write"):
        compile_safely(pattern)


@pytest.mark.parametrize(
    "pattern",
    [
        r"^Job (?P<job>\S+) of (?P<retailer>\w+) failed: (?P<error_text>.+)$",
        r"(?i)\b(failed|failure)\b", r"\(a+\)+", r"[(+]+x", r"(abc)+", r"(?:ab){2,4}", r"a|b+",
    ],
)  # fmt: skip
def test_an_ordinary_pattern_is_welcome(pattern: str) -> None:
    compile_safely(pattern)


def test_an_accepted_pattern_is_quick_on_the_longest_line() -> None:
    pattern = compile_safely(r"(?i)error.*code.*x$")
    begun = time.perf_counter()
    pattern.search(("error code " * 200)[:2000])
    assert time.perf_counter() - begun < 1
