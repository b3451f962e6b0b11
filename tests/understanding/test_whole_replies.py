"""Whole mails, as mail programs write them: the author's words are found and judged."""

import tomllib
from pathlib import Path

import pytest

from mailflow.tickets.ticket import Subject
from mailflow.understanding.confirmation import Asked, Topic, judge
from mailflow.understanding.meaning import Answer, ReplyVerdict
from mailflow.understanding.parse import parse
from mailflow.understanding.reply_text import split_reply

REPLIES = Path(__file__).parents[1] / "mails" / "replies"
KINDS = {Subject.REPAIR: "change", Subject.REMOVAL: "removal"}


def _told(verdict: ReplyVerdict) -> str:
    match verdict.answer:
        case Answer.CONFIRMED:
            assert verdict.confirms is not None
            return f"confirmed {KINDS[verdict.confirms]}"
        case Answer.UNCLEAR:
            return "unclear"
        case _:
            return f"not_confirmed {verdict.answer}"


@pytest.mark.parametrize("file", sorted(REPLIES.glob("*.eml")), ids=lambda file: file.stem)
def test_a_whole_reply_is_cut_and_judged(file: Path) -> None:
    want = tomllib.loads(file.with_suffix(".toml").read_text("utf-8"))
    asked = Asked(
        ticket="MF-1001",
        marketplace="otter",
        subject=Subject.REPAIR,
        language=want["language"],
        all_marketplaces=("otter", "lynx"),
        topic=Topic(want["asked"]),
    )

    text = split_reply(parse(file.read_bytes()), [want["sent"]] if "sent" in want else [])
    told = _told(judge(text.own, asked))

    if "own" in want:
        assert text.own.split() == want["own"].split()
    assert all(words in text.own for words in want.get("own_has", ()))
    assert not any(words in text.own for words in want.get("own_lacks", ()))
    if "verdict" in want:
        assert told == want["verdict"]
    assert told != want.get("verdict_not")


def test_every_mail_says_what_is_expected_of_it() -> None:
    mails = {file.stem for file in REPLIES.glob("*.eml")}
    wanted = {file.stem for file in REPLIES.glob("*.toml")}
    assert mails == wanted
    assert mails
