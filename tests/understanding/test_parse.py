"""Whatever arrives becomes a Message or is Unreadable, in bounded time, and never worse."""

import base64
import time
import tomllib
from base64 import b64encode
from pathlib import Path

import pytest

from mailflow.understanding.limits import LIMITS, Limits, Unreadable, gate
from mailflow.understanding.message import Message
from mailflow.understanding.parse import parse

MAILS = Path(__file__).parents[1] / "mails"
FROM = b"From: a@b.example\r\n"
MIXED = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"

HOSTILE = {
    "nested_multiparts": b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (i, i)
        for i in range(400)
    ),
    "nested_mails": b"Content-Type: message/rfc822\r\n\r\n" * 1000 + b"x",
    "hundred_thousand_headers": b"X: y\r\n" * 100_000 + b"\r\nhi",
    "giant_boundary": b"Content-Type: multipart/mixed; boundary=" + b"x" * 200_000 + b"\r\n\r\nx",
    "unknown_charset": FROM + b"Content-Type: text/plain; charset=nosuch\r\n\r\nhall\xc3\xb6",
    "idna_charset": FROM + b"Content-Type: text/plain; charset=idna\r\n\r\nhall\xc3\xb6",
    "nul_charset": FROM + b"Content-Type: text/plain; charset=a\0b\r\n\r\nhall\xc3\xb6",
    "bad_message_id": FROM + b"Message-ID: <[]@[[[>\r\n\r\nx",
    "encoded_words": b"Subject: " + b" ".join([b"=?utf-8?q?a?="] * 10_000) + b"\r\n\r\nx",
    "nul_bytes": FROM + b"Subject: a\0b\r\n\r\nx\0y" + b"\0" * 500_000,
    "empty": b"",
    "only_line_ends": b"\r\n" * 1000,
    "line_end_in_subject": b"Subject: =?utf-8?q?hi=0D=0ABcc:_x@y.example?=\r\n\r\nx",
    "only_cr": b"From: a@b.example\rSubject: x\r\rhello",
    "twenty_thousand_addresses": b"To: " + b"a@b.example," * 15_000 + b"\r\n\r\nx",
    "comment_bomb": b"From: " + b"(" * 100_000 + b"\r\n\r\nx",
    "hundred_thousand_parts": MIXED + b"--b\r\n\r\nx\r\n" * 100_000,
    "content_type_parameters": b"Content-Type: text/plain; "
    + b"; ".join(b"a%d=b" % i for i in range(10_000))
    + b"\r\n\r\nx",
    "garbage_content_type": b"Content-Type: ;;;=\xff\r\n\r\nx",
    "surrogates": b"Subject: \xff\xfe =?utf-7?q?+2AA-?=\r\nFrom: \xff@\xff.example\r\n\r\n\xed",
    "deep_html": b"Content-Type: text/html\r\n\r\n" + b"<div>" * 50_000 + b"deep",
    "attributes": b"Content-Type: text/html\r\n\r\n<p " + b"a=b " * 100_000 + b">hello",
    "bad_base64": MIXED + b"--b\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!\r\n--b--",
}  # fmt: skip


def _single_line(message: Message) -> bool:
    values = [message.subject, message.message_id, *(v for _, v in message.headers)]
    return all(value.isprintable() or not set(value) & set("\r\n\0\u202e") for value in values)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_mail_is_read_or_refused_in_bounded_time(name):
    started = time.process_time()
    try:
        message = parse(HOSTILE[name])
    except Unreadable as refused:
        assert refused.reason  # noqa: PT017 - both ways are right
    else:
        assert _single_line(message)
        repr(message).encode("utf-8")  # no unpaired surrogates anywhere
        assert "\0" not in message.text
    assert time.process_time() - started < 5


def test_line_breaks_never_leave_a_decoded_header():
    assert parse(HOSTILE["line_end_in_subject"]).subject == "hi Bcc: x@y.example"


def test_an_unreadable_message_id_is_none_and_readable_references_are_kept():
    raw = b"Message-ID: <[]@[[[>\r\nReferences: <a@b> <[]@[[[> <c@[192.0.2.1]>\r\n\r\nx"
    message = parse(raw)
    assert message.message_id == ""
    assert message.references == ("<a@b>", "<c@[192.0.2.1]>")


@pytest.mark.parametrize("name", ["unknown_charset", "idna_charset", "nul_charset"])
def test_a_bad_charset_costs_no_text(name):
    assert parse(HOSTILE[name]).text == "hallö"


def test_every_address_of_every_from_header_is_given_in_lower_case():
    message = parse(b"From: A <A@B.example>\r\nFrom: c@d.example\r\n\r\nx")
    assert [sender.address for sender in message.from_] == ["a@b.example", "c@d.example"]


def test_an_attached_mail_stays_apart_from_the_mail_around_it():
    inner = FROM + b"Subject: inner\r\n\r\ninner text"
    raw = (
        FROM + MIXED + b"--b\r\n\r\nouter text\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n"
        + inner + b"\r\n--b--\r\n"
    )  # fmt: skip
    message = parse(raw)
    assert message.text.strip() == "outer text"
    assert [(mail.subject, mail.text.strip()) for mail in message.nested] == [
        ("inner", "inner text")
    ]


def test_an_attachment_is_told_by_its_place_and_its_bytes_and_its_name_is_no_path():
    part = b"--b\r\nContent-Type: image/png; name*=utf-8''..%2Fetc%2Fx%E2%80%AEgnp.png\r\n"
    body = b"Content-Transfer-Encoding: base64\r\n\r\n" + b64encode(b"picture") + b"\r\n"
    found = parse(FROM + MIXED + b"--b\r\n\r\nx\r\n" + part + body + b"--b--").attachments[0]
    assert (found.path, found.filename, found.content) == ("1.2", "xgnp.png", b"picture")


def test_undeclared_utf8_in_a_header_is_read():
    assert parse("Subject: gelöst\r\n\r\nx".encode()).subject == "gelöst"


def test_html_stands_in_where_there_is_no_text():
    message = parse(FROM + b"Content-Type: text/html\r\n\r\n<p>Hello</p><p>World</p>")
    assert message.text.split() == ["Hello", "World"]
    assert "<p>" in message.html


@pytest.mark.parametrize(
    "limits",
    [Limits(max_bytes=100), Limits(depth=0), Limits(parts=1), Limits(attachment_bytes=3)],
)
def test_each_limit_refuses(limits):
    raw = FROM + MIXED + b"--b\r\n\r\nx\r\n--b\r\nContent-Type: image/png\r\n\r\nlong\r\n--b--"
    assert parse(raw).attachments
    with pytest.raises(Unreadable):
        parse(raw, limits)


def _golden() -> list[str]:
    return sorted(path.stem for path in (MAILS / "raw").glob("*.eml"))


def test_raw_mails_and_meanings_match_one_to_one():
    assert _golden() == sorted(path.stem for path in (MAILS / "meaning").glob("*.toml"))


@pytest.mark.parametrize("name", _golden())
def test_a_golden_mail_is_understood_as_written_down(name):
    message = parse((MAILS / "raw" / f"{name}.eml").read_bytes())
    meaning = tomllib.loads((MAILS / "meaning" / f"{name}.toml").read_text("utf-8"))
    assert message.subject == meaning["subject"]
    assert [sender.address for sender in message.from_] == meaning["from"]
    assert [item.filename for item in message.attachments] == meaning.get("attachments", [])
    for words in meaning["text_has"]:
        assert words in message.text


BROKEN = "Content-Type: multipart/mixed; boundary=BBB\n\nwords without a boundary"


@pytest.mark.parametrize(
    "raw",
    [
        BROKEN,
        BROKEN.replace("words without a boundary", "--BBB--"),
        f"Content-Type: multipart/report; boundary=A\n\n--A\n\nhi\n--A\n{BROKEN}\n--A--\n",
        (
            f"Content-Type: multipart/report; boundary=A\n\n--A\n\nhi\n--A\n"
            f"Content-Type: message/rfc822\n\nSubject: inner\n{BROKEN}\n--A--\n"
        ),
        f"Content-Type: message/rfc822\n\nSubject: inner\n{BROKEN}",
        "Content-Type: message/delivery-status\n\nA: failed\n\nContent-Type: multipart/mixed\n\nx",
    ],
)
def test_a_boundary_that_never_comes_makes_no_mail_unreadable(raw):
    for ending in ("\n", "\r\n"):
        message = parse(f"From: MAILER-DAEMON@mx.example\n{raw}".replace("\n", ending).encode())
        assert message.from_[0].address == "mailer-daemon@mx.example"


def test_a_nul_within_an_encoded_word_makes_no_mail_unreadable():
    message = parse(b"From: Jo <jo@shop.example>\r\nSubject: =?\0utf-8?b?R2Vs?=\r\n\r\nhello")
    assert (message.from_[0].address, message.text) == ("jo@shop.example", "hello")
    assert "\0" not in message.subject


def test_eight_bit_bytes_in_a_return_path_make_no_mail_unreadable():
    assert parse(b"Return-Path: <\xe9@shop.example>\r\n\r\nhello").text == "hello"


@pytest.mark.parametrize("kind", ["plain", "html"])
def test_a_text_without_end_is_cut_and_the_rest_of_the_mail_is_read(kind):
    body = b"word " * 2_000_000
    raw = b"From: a@shop.example\r\nContent-Type: text/%b\r\n\r\n" % kind.encode() + body
    message = parse(raw)
    assert message.from_[0].address == "a@shop.example"
    assert message.text.startswith("word word")
    assert len(message.text) <= 1_000_000


FILE = bytes(range(256)) * 12_000
LONG_FILE = base64.encodebytes(FILE)


def _with_file(encoding: str, body: bytes, ending: bytes) -> bytes:
    head = f"""From: a@shop.example
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: message/rfc822

Subject: inner
Content-Type: multipart/mixed; boundary=c

--c
Content-Type: application/pdf
Content-Transfer-Encoding: {encoding}

"""
    tail = b"\n--c--\n--b\nContent-Type: text/plain\n\nlast\n--b--\n"
    return head.encode().replace(b"\n", ending) + body + tail.replace(b"\n", ending)


@pytest.mark.parametrize("ending", [b"\n", b"\r\n"])
@pytest.mark.parametrize(
    ("encoding", "body", "content"),
    [
        ("base64", LONG_FILE, FILE),
        ("BASE64", LONG_FILE[:-5] + b"?" + LONG_FILE[-5:], FILE),
        ("8bit", b"\xe9t" * 1_000_000, b"\xe9t" * 1_000_000),
    ],
)
def test_a_long_file_within_an_attached_mail_is_read_byte_by_byte(encoding, body, content, ending):
    message = parse(_with_file(encoding, body, ending))
    (inner,) = message.nested
    (file,) = inner.attachments
    assert file.content.rstrip() == content.rstrip()
    assert (message.text.strip(), inner.subject) == ("last", "inner")


@pytest.mark.parametrize("charset", [b"idna", b"u\0x", b"x-none", b"utf-8"])
@pytest.mark.parametrize("kind", [b"text/plain", b"text/csv", b"image/png"])
def test_no_charset_makes_eight_bit_bytes_unreadable(charset, kind):
    raw = b"From: a@shop.example\r\nContent-Type: %b; charset=%b\r\n\r\n\xe9t\xe9\r\n"
    message = parse(raw % (kind, charset))
    assert message.from_[0].address == "a@shop.example"
    assert message.text or message.attachments[0].content == b"\xe9t\xe9\r\n"


def test_a_mail_of_nothing_but_lines_is_refused_before_it_is_parsed():
    with pytest.raises(Unreadable, match="more than 600000 lines"):
        parse(b"Subject: x\r\n\r\n" + b"\n" * 3_000_000)


def test_a_body_between_parts_is_whole_whatever_its_length():
    for size in (10, 1 << 16, (1 << 16) + 1, 900_000):
        body = b"x" * size
        for end in (b"\r\n", b"\n"):
            lines = (
                MIXED + b"--b\r\n\r\n" + body + b"\r\n--b\r\nContent-Type: application/pdf\r\n\r\n"
            )
            raw = (lines + body + b"\r\n--b--\r\n").replace(b"\r\n", end)
            message = parse(raw)
            assert message.text == "x" * size
            assert [one.content for one in message.attachments] == [body]


def test_a_boundary_inside_a_longer_line_parts_nothing():
    longer = b"--b and more\r\n--bb\r\n -- b\r\n" * 400
    assert len(parse(MIXED + b"--b\r\n\r\n" + longer + b"--b--\r\n").text) > 8_000


def test_too_many_parts_are_refused_before_anything_is_parsed():
    part = b"--b\r\n\r\nx\r\n"
    gate(MIXED + part * 500, LIMITS)
    with pytest.raises(Unreadable, match="more than 500 parts"):
        gate(MIXED + part * 501, LIMITS)
