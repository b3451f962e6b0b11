"""Lexicons that an operator keeps in the place of those that come with mailflow."""

from importlib import resources

import pytest

from mailflow.tickets.ticket import Subject
from mailflow.understanding import confirmation
from mailflow.understanding.confirmation import (
    Asked,
    LexiconError,
    closed_options,
    judge,
    lexicons_with,
)
from mailflow.understanding.meaning import Answer

ASKED = Asked(
    ticket="MF-1",
    marketplace="Bazaro",
    subject=Subject.REPAIR,
    language="de",
    all_marketplaces=("Bazaro",),
)


def shipped(language: str) -> str:
    folder = resources.files(confirmation) / "lexicons"
    return (folder / f"{language}.toml").read_text("utf-8")


def test_an_own_option_is_offered_and_understood() -> None:
    text = shipped("de").replace("change_done = [", 'change_done = ["passt jetzt", ', 1)
    own = lexicons_with({"de": text})
    line = closed_options(ASKED, "de", own)[0][1]
    assert line == "PASST JETZT MF-1"
    assert judge(line, ASKED, own).answer is Answer.CONFIRMED
    assert judge(line, ASKED).answer is not Answer.CONFIRMED


def test_an_own_lexicon_names_itself_in_the_verdict() -> None:
    own = lexicons_with({"de": f"{shipped('de')}\n# ours\n"})
    words = "Wir haben den Bazaro-Token erneuert und im Portal hinterlegt."
    assert judge(words, ASKED, own).reasons != judge(words, ASKED).reasons
    assert own["de"].version in judge(words, ASKED, own).reasons[0]


def test_a_further_language_may_confirm_once_it_has_a_lexicon() -> None:
    words = "Zzz renewed zzz token zzz portal zzz."
    function_words = 'function_words = ["zzz"]\n'
    head, _, rest = shipped("en").partition("function_words = [")
    text = head + function_words + rest.partition("]\n")[2]
    assert judge(words, ASKED).language != "xx"
    assert judge(words, ASKED, lexicons_with({"xx": text})).language == "xx"


def test_every_broken_file_is_named_at_once() -> None:
    broken = {
        "de": shipped("de").replace("[words]", "[words", 1),
        "fr": shipped("fr").replace("courtesy = [", 'courtesy = ["(", ', 1),
        "it": shipped("it").replace("courtesy", "curtesy", 1),
    }
    with pytest.raises(LexiconError) as wrong:
        lexicons_with(broken)
    assert [fault.partition(":")[0] for fault in wrong.value.faults] == [
        "de.toml",
        "fr.toml",
        "it.toml",
    ]
    assert "courtesy" in wrong.value.faults[2]
