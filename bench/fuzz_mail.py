"""Parse broken mails by the hundred thousand: `python -m bench.fuzz_mail COUNT [SEED]`.

Every input is a golden mail, bent at random. The parser may say Unreadable for a reason of its
own; an exception of another kind, or a reason that names one, is a failure. Exit status 1 then.
"""

import random
import sys
import time
from pathlib import Path

from mailflow.understanding.limits import Unreadable
from mailflow.understanding.parse import parse

MAILS = Path(__file__).parents[1] / "tests" / "mails" / "raw"
_PIECES = [
    b"\0", b"\r", b"\n", b"\r\n\r\n", b"--", b"--b\r\n", b"=?utf-8?q?", b"?=", b"=0D=0A",
    b"\xff\xfe",
    b"Content-Type: multipart/mixed; boundary=b\r\n", b"Content-Type: message/rfc822\r\n\r\n",
    b"Content-Type: text/plain; charset=idna\r\n", b"Content-Transfer-Encoding: base64\r\n",
    b"Content-Type: multipart/report; report-type=delivery-status\r\n", b"Return-Path: <>\r\n",
    b"From: <[]@[[[>\r\n", b"Date: Mon, 99 Foo 99999\r\n", b"\xe2\x80\xae", b"((((", b"<table>",
]  # fmt: skip
_MAX_CHANGES = 12
_MAX_BYTES = 20_000  # of a golden mail; the rest is cut off to keep the pace


def bent(rng: random.Random, seeds: list[bytes]) -> bytes:
    """Give a golden mail with pieces put in, cut out, doubled, or taken from another."""
    mail = bytearray(rng.choice(seeds))
    for _ in range(rng.randint(1, _MAX_CHANGES)):
        at = rng.randint(0, len(mail))
        end = min(len(mail), at + rng.choice((1, 2, 8, 60)))
        match rng.randint(0, 4):
            case 0:
                mail[at:at] = rng.choice(_PIECES)
            case 1:
                del mail[at:end]
            case 2:
                mail[at:at] = mail[at:end]
            case 3:
                mail[at:end] = rng.randbytes(end - at)
            case _:
                other = rng.choice(seeds)
                start = rng.randint(0, len(other))
                mail[at:at] = other[start : start + 200]
    return bytes(mail)


def main(count: int, seed: int) -> int:
    rng = random.Random(seed)
    seeds = [path.read_bytes()[:_MAX_BYTES] for path in sorted(MAILS.glob("*.eml"))]
    failures = unreadable = 0
    slowest = 0.0
    for _ in range(count):
        raw = bent(rng, seeds)
        started = time.perf_counter()
        try:
            parse(raw)
        except Unreadable as refused:
            unreadable += 1
            if refused.reason.startswith("the parser failed"):
                failures += 1
                print(f"{refused.reason}: {refused.__cause__!r}: {raw[:2000]!r}")
        slowest = max(slowest, time.perf_counter() - started)
    print(f"{count} inputs, {unreadable} unreadable, {failures} failures, slowest {slowest:.2f} s")
    return 1 if failures else 0


if __name__ == "__main__":
    arguments = [int(word) for word in sys.argv[1:3]]
    sys.exit(main(*[*arguments, *[200_000, 1][len(arguments) :]]))
