"""No mail costs the parser more than 256 MB, and each is read or refused for a reason of ours."""

import base64
import re
from pathlib import Path

import pytest

from mailflow.edges.mail_parser import WorkerMailParser
from mailflow.settings.root import LimitSettings
from mailflow.tickets.errors import GiveUp

HEAD = b"From: Anna <a@shop.example>\r\nSubject: x\r\n"
MIXED = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
PART = b"--b\r\nContent-Type: text/plain\r\n\r\nx\r\n"
FILE = b"--b\r\nContent-Disposition: attachment; filename=a.bin\r\n\r\nx\r\n"
BASE64 = b"Content-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n"
HTML = b"Content-Type: text/html\r\n\r\n"
MOST_MB = 256


def _nested(count: int) -> bytes:
    parts = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (i, i)
        for i in range(count)
    )
    return HEAD + parts + b"\r\nx"


def _many(written: bytes, count: int) -> bytes:
    return b"".join(written % number for number in range(count))


READ = {
    "10k parameters": HEAD
    + b"Content-Type: text/plain;"
    + _many(b" p%d=1;", 10_000)
    + b"\r\n\r\nx",
    "10k encoded words": b"From: a@shop.example\r\nSubject: "
    + b"=?utf-8?q?a?= " * 10_000
    + b"\r\n\r\n",
    "charset unknown": HEAD + b"Content-Type: text/plain; charset=x-none\r\n\r\n\xff",
    "charset idna": HEAD + b"Content-Type: text/plain; charset=idna\r\n\r\n\xff",
    "charset with NUL": HEAD + b"X: =?\0utf-8?q?a?=\r\n\r\nx",
    "content type of garbage": HEAD + b"Content-Type: ;;;=\xff/\0\r\n\r\nx",
    "no content type": HEAD + b"Content-Type:\r\n\r\nx",
    "message id of brackets": HEAD + b"Message-ID: <[]@[[[>\r\n\r\nx",
    "date of nonsense": HEAD + b"Date: Mon, 99 Foo 99999 99:99:99 +9999\r\n\r\nx",
    "comments in comments": HEAD
    + b"To: "
    + b"(" * 50_000
    + b")" * 50_000
    + b" b@x.example\r\n\r\nx",
    "NUL bytes": HEAD + b"\r\n\0\0\0",
    "CR only": HEAD.replace(b"\r\n", b"\r") + b"\rhello",
    "LF only": HEAD.replace(b"\r\n", b"\n") + b"\nhello",
    "no end of headers": HEAD,
    "base64 of garbage": HEAD + BASE64 + b"!!!!%%%\xff=A=",
    "quoted-printable of garbage": HEAD
    + b"Content-Transfer-Encoding: quoted-printable\r\n\r\n=ZZ=",
    "encoding unknown": HEAD + b"Content-Transfer-Encoding: x-uuencode\r\n\r\nbegin 6 x\r\n#\r\n",
    "boundary missing": HEAD + b"Content-Type: multipart/mixed\r\n\r\nx",
    "boundary empty": HEAD + b'Content-Type: multipart/mixed; boundary=""\r\n\r\n--\r\n\r\nx',
    "boundary never comes": HEAD + MIXED + b"x",
    "boundary never ends": HEAD + MIXED + PART,
    "same boundary within itself": HEAD + MIXED + b"--b\r\n" + MIXED + PART + b"--b--\r\n--b--\r\n",
    "499 parts": HEAD + MIXED + PART * 499 + b"--b--\r\n",
    "direction turned around": HEAD + "To: \u202efdp.exe <b@x.example>\r\n\r\nx".encode(),
    "line break in a name": HEAD
    + b"To: =?utf-8?q?a=0D=0ABcc:_e@x.example?= <b@x.example>\r\n\r\nx",
    "header without a name": HEAD + b": x\r\n\r\nx",
    "header folded 900 times": HEAD + b"X: a" + b"\r\n b" * 900 + b"\r\n\r\nx",
    "names of two sorts": HEAD
    + b"Content-Disposition: attachment; filename*=utf-8''%FF; filename=../a\r\n\r\nx",
    "100k attributes": HEAD + HTML + b"<p " + _many(b"a%d=1 ", 100_000) + b">x",
    "100k open tags": HEAD + HTML + b"<div>" * 100_000,
    "1M less-than": HEAD + HTML + b"<" * 1_000_000,
    "45 MB of HTML": HEAD + HTML + b"<div>" * 9_000_000,
    "49 MB on one line": HEAD + b"\r\n" + b"word " * 9_800_000,
    "50 MB of base64": HEAD + BASE64 + base64.encodebytes(b"U" * 36_800_000),
}
REFUSED = {
    "empty": b"",
    "blanks only": b" \r\n\0\t" * 100,
    "1000 multiparts deep": _nested(1000),
    "9 multiparts deep": _nested(10),
    "1000 mails deep": HEAD + b"Content-Type: message/rfc822\r\n\r\n" * 1000 + b"x",
    "100k headers": b"X: y\r\n" * 100_000 + b"\r\nx",
    "1001 headers": b"X: y\r\n" * 1001 + b"\r\nx",
    "10k addresses": HEAD + b"To: " + _many(b"u%d@x.example, ", 10_000) + b"\r\n\r\nx",
    "boundary of 1 MB": HEAD
    + b"Content-Type: multipart/mixed; boundary="
    + b"b" * 1_000_000
    + b"\r\n\r\n",
    "boundary of 300": HEAD
    + b"Content-Type: multipart/mixed; boundary="
    + b"b" * 300
    + b"\r\n\r\n",
    "100k parts": HEAD + MIXED + PART * 100_000 + b"--b--\r\n",
    "20k files": HEAD + MIXED + FILE * 20_000 + b"--b--\r\n",
    "51 MB": HEAD + b"\r\n" + b"x" * 51_000_000,
}


@pytest.fixture(scope="module")
def parser():
    worker = WorkerMailParser(LimitSettings(parse_seconds=120))
    yield worker
    worker.close()


def _peak_mb(worker: WorkerMailParser) -> int:
    assert worker._child is not None
    status = Path(f"/proc/{worker._child.pid}/status").read_text()
    found = re.search(r"VmHWM:\s+(\d+)", status)
    assert found
    return int(found[1]) // 1024


@pytest.mark.parametrize("name", READ)
def test_it_is_read_and_costs_little(parser, name):
    message = parser.parse(READ[name])
    assert [sender.address for sender in message.from_] == ["a@shop.example"]
    values = "".join(value for _, value in message.headers)
    names = "".join(address.name for address in message.to)
    assert not set("\r\n\0\u202e") & set(values + names)
    assert _peak_mb(parser) <= MOST_MB


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_for_a_reason_of_ours_and_costs_little(parser, name):
    with pytest.raises(GiveUp) as refused:
        parser.parse(REFUSED[name])
    assert "failed" not in refused.value.reason
    assert "died" not in refused.value.reason
    assert _peak_mb(parser) <= MOST_MB
