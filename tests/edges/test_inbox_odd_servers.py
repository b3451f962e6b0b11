"""Servers that lack much and answer oddly: each mail is kept once and put away all the same."""

import re
from pathlib import Path

import pytest

from mailflow.edges import inbox_imap
from tests.edges.mail_fixtures import Memory, inbox_settings, mail_text, watching
from tests.edges.scripted_imap import HANG_UP, Odd, ScriptedImap

MAILS = tuple(mail_text(number, size=3_000) for number in range(3))


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox_imap, "_FIRST_WAIT", 0.05)
    monkeypatch.setattr(inbox_imap, "_WAIT_AFTER_FAILED_KEEP", 0.05)


def takes_in(
    server: ScriptedImap, folder: Path, *, count: int = 3, asked: frozenset[str] = frozenset()
) -> Memory:
    """Watch until all is kept and put away, every oddity came up, and all these were `asked`."""
    memory = Memory()
    settings = inbox_settings(server.port, folder, poll_seconds=1, idle_seconds=30)
    with watching(settings, memory):
        memory.wait_kept(count)
        memory.wait_for(lambda: server.undone() == [] and not server.odd)
        memory.wait_for(lambda: asked <= set(server.commands))
    return memory


@pytest.mark.parametrize("extra", ["", "IDLE", "MOVE", "UIDPLUS", "IDLE MOVE UIDPLUS"])
def test_the_least_of_servers_is_enough(tmp_path: Path, extra: str):
    with ScriptedImap(*MAILS, extra=extra) as server:
        memory = takes_in(server, tmp_path, asked=frozenset({"IDLE"} & set(extra.split())))

    assert sorted(mail.raw for mail in memory.offered) == sorted(MAILS)
    assert len(server.moved) == (3 if extra.strip("IDLE ") else 0)
    assert ("IDLE" in server.commands) == ("IDLE" in extra)


def test_a_server_that_keeps_no_marks_is_read_once_all_the_same(tmp_path: Path):
    memory = Memory()
    with ScriptedImap(*MAILS, keywords=False) as server:
        for count in (3, 4):  # the second one logs in anew, and finds what is new alone
            with watching(inbox_settings(server.port, tmp_path, poll_seconds=1), memory):
                memory.wait_kept(count)
            server.arrives(mail_text(count))

    assert len(memory.offered) == 4


def bye(_tag: bytes, _usual: list[bytes]) -> list[bytes]:
    return [b"* BYE going down\r\n", HANG_UP]


def half(_tag: bytes, usual: list[bytes]) -> list[bytes]:
    whole = b"".join(usual)
    return [whole[: len(whole) // 2], HANG_UP]


def refused(tag: bytes, _usual: list[bytes]) -> list[bytes]:
    return [tag + b" NO [SERVERBUG] not now\r\n"]


def bad(tag: bytes, _usual: list[bytes]) -> list[bytes]:
    return [tag + b" BAD what?\r\n"]


def anothers_tag(_tag: bytes, usual: list[bytes]) -> list[bytes]:
    return [*usual[:-1], b"ZZZ99 OK done\r\n"]


def piecemeal(_tag: bytes, usual: list[bytes]) -> list[bytes]:
    return [bytes([byte]) for byte in b"".join(usual)]


def chatty(_tag: bytes, usual: list[bytes]) -> list[bytes]:
    noise = b'* OK [X-NOISE "]"] hm\r\n* XSTATUS 1 (2 NIL)\r\n* 1 FETCH (FLAGS (\\Recent))\r\n'
    return [noise, *usual[:-1], noise, usual[-1]]


def huge(_tag: bytes, usual: list[bytes]) -> list[bytes]:
    return [b"* OK [ALERT] " + b"x" * 2_000_000 + b"\r\n", *usual]


def turned_round(_tag: bytes, usual: list[bytes]) -> list[bytes]:
    """Give the attributes of a mail in another order and in small letters."""
    whole = re.sub(rb"FETCH \(UID (\d+) (.*?)\)\r\n(?=\*|\S+ OK)", rb"fetch (\2 uid \1)\r\n",
                   b"".join(usual), flags=re.DOTALL)  # fmt: skip
    return [whole]


def nothing_inside(_tag: bytes, usual: list[bytes]) -> list[bytes]:
    """List a mail, and then give NIL for it."""
    whole = b"".join(usual)
    return [
        re.sub(
            rb"BODY\[\] \{\d+\}\r\n.*\)\r\n(?=\S+ OK)", b"BODY[] NIL)\r\n", whole, flags=re.DOTALL
        )
    ]


ODDITIES: dict[str, Odd] = {
    one.__name__: one
    for one in (bye, half, refused, bad, anothers_tag, piecemeal, chatty, huge, turned_round)
}


@pytest.mark.parametrize("command", ["SELECT", "SEARCH", "FETCH", "BODY", "STORE", "IDLE"])
@pytest.mark.parametrize("oddity", ODDITIES)
def test_no_mail_is_lost_by_one_odd_answer(tmp_path: Path, oddity: str, command: str):
    odd = {command: ODDITIES[oddity]}
    with ScriptedImap(*MAILS, extra="IDLE", odd=odd) as server:
        memory = takes_in(server, tmp_path)

    assert sorted(mail.raw for mail in memory.kept) == sorted(MAILS)
    assert all(mail.raw in MAILS for mail in memory.offered), "nothing else is taken for a mail"


@pytest.mark.parametrize("command", ["MOVE", "COPY", "STORE", "EXPUNGE"])
@pytest.mark.parametrize("oddity", ["bye", "half", "refused", "anothers_tag"])
def test_a_mail_is_put_away_although_the_first_try_failed(
    tmp_path: Path, oddity: str, command: str
):
    extra = "MOVE" if command == "MOVE" else "UIDPLUS"
    with ScriptedImap(*MAILS, extra=extra, odd={command: ODDITIES[oddity]}) as server:
        memory = takes_in(server, tmp_path)

    assert sorted(mail.raw for mail in memory.kept) == sorted(MAILS)
    assert {mail.raw for mail in server.moved} == set(MAILS)


def test_a_mail_that_is_listed_and_not_handed_out_is_asked_for_again(tmp_path: Path):
    with ScriptedImap(*MAILS, odd={"BODY": nothing_inside}) as server:
        memory = takes_in(server, tmp_path)

    assert sorted(mail.raw for mail in memory.kept) == sorted(MAILS)


@pytest.mark.parametrize("command", ["SEARCH", "FETCH", "BODY", "STORE"])
def test_a_mail_announced_in_the_midst_of_an_answer_is_not_missed(tmp_path: Path, command: str):
    late = mail_text(9)

    def announced(_tag: bytes, usual: list[bytes]) -> list[bytes]:
        server.arrives(late)
        return [*usual[:-1], b"* 4 EXISTS\r\n", usual[-1]]

    with ScriptedImap(*MAILS, extra="IDLE", odd={command: announced}) as server:
        memory = takes_in(server, tmp_path, count=4)

    assert late in [mail.raw for mail in memory.kept]
