"""Outlook's winmail.dat is opened as far as it can be, whatever is done to its bytes."""

import random
import struct
from email.message import EmailMessage

import pytest

from mailflow.understanding.parse import parse
from mailflow.understanding.tnef import SIGNATURE, Inner, Opened, open_tnef

BEGINS, TITLE, DATA, MAIL = 0x00069002, 0x00018010, 0x0006800F, 0x00069005


def container(*attributes: tuple[int, int, bytes]) -> bytes:
    """Write one as MS-OXTNEF, section 2.1.3 describes it, after what Outlook puts in front."""
    known = [(1, 0x00089006, b"\0\0\1\0"), (1, 0x00069007, b"\xe4\x04\0\0\0\0\0\0")]
    parts = [SIGNATURE, b"\x01\x00"]
    for level, attribute, value in (*known, *attributes):
        parts += [struct.pack("<BII", level, attribute, len(value)), value]
        parts.append(struct.pack("<H", sum(value) & 0xFFFF))
    return b"".join(parts)


def a_file(name: bytes, content: bytes) -> list[tuple[int, int, bytes]]:
    return [(2, BEGINS, bytes(14)), (2, DATA, content), (2, MAIL, b"\0\0\0\0")] if not name else [
        (2, BEGINS, bytes(14)), (2, TITLE, name + b"\0"), (2, DATA, content),
    ]  # fmt: skip


TWO = container(*a_file(b"screen.png", b"picture"), *a_file(b"", b"more"))


def mail(content: bytes) -> bytes:
    message = EmailMessage()
    message["From"] = "shop@example.com"
    message.set_content("see the picture")
    message.add_attachment(content, "application", "ms-tnef", filename="winmail.dat")
    return message.as_bytes()


def names(content: bytes) -> list[str]:
    return [one.filename for one in parse(mail(content)).attachments]


def test_every_file_is_taken_out():
    assert open_tnef(TWO) == Opened(
        files=(
            Inner(filename="screen.png", content=b"picture"),
            Inner(filename="", content=b"more"),
        ),
        whole=True,
    )


def test_the_files_are_files_of_the_mail_in_the_containers_place():
    assert names(TWO) == ["screen.png", ""]


def test_a_name_that_comes_after_the_content_is_taken_too():
    begun, named, data = a_file(b"late.png", b"x")
    assert names(container(begun, data, named, *a_file(b"b.png", b"y"))) == ["late.png", "b.png"]


def test_a_name_with_a_path_in_it_is_none():
    assert names(container(*a_file(b"..\\..\\evil.png", b"x"))) == ["evil.png"]


def test_formatting_alone_is_no_file():
    assert open_tnef(container()) == Opened(files=(), whole=True)
    assert names(container()) == []


def test_a_container_with_a_mail_in_it_stays_beside_what_was_taken_out():
    inner_mail = [(2, BEGINS, bytes(14)), (2, MAIL, b"\1\0\0\0\x0d\0\1\x37")]
    assert names(container(*inner_mail, *a_file(b"a.png", b"x"))) == ["winmail.dat", "a.png"]


@pytest.mark.parametrize("damaged", [TWO[:-1], TWO[:70], TWO.replace(b"more", b"mohr"), TWO + b"x"])
def test_a_damaged_container_stays_beside_what_was_taken_out(damaged):
    assert not open_tnef(damaged).whole
    assert names(damaged)[0] == "winmail.dat"


def test_a_container_of_too_many_files_stays_as_well():
    many = container(*[one for _ in range(60) for one in a_file(b"a.png", b"x")])
    opened = open_tnef(many)
    assert (len(opened.files), opened.whole) == (50, False)


def test_bytes_changed_at_will_are_read_or_refused_and_nothing_crashes():
    chance = random.Random(7)
    for _ in range(2_000):
        changed = bytearray(TWO)
        for _ in range(chance.choice((1, 3, 12))):
            changed[chance.randrange(len(changed))] = chance.randrange(256)
        assert sum(len(one.content) for one in open_tnef(bytes(changed)).files) <= len(changed)
