"""`mailflow explain reply` as a script and a person use it."""

import json
from pathlib import Path

from typer.testing import CliRunner

from mailflow.cli.app import app

LINE = {
    "id": "a",
    "asked": "renew_token",
    "marketplace": "otter",
    "body": "Hello,\n\nwe have renewed the access token.\n\nKind regards\nKim\n\n> please renew it",
    "ticket": "MF-1",
}
MAIL = b"""From: ops@shop.test
To: box@mailflow.test
Subject: Re: token
Message-ID: <1@shop.test>

We have renewed the access token.

--
Kim

On Mon, 2 Mar 2026 at 09:00, Integration Team <box@mailflow.test> wrote:
> Please renew it.
"""


def run(*words: str, stdin: str = ""):
    return CliRunner().invoke(app, ["explain", "reply", *words], input=stdin)


def test_each_line_gives_a_line_with_its_verdict_and_the_words_it_rests_on():
    promise = {**LINE, "id": "b", "body": "We will renew it tomorrow."}
    lines = "\n".join(json.dumps(line) for line in (LINE, promise))

    result = run("--json", stdin=lines)

    first, second = map(json.loads, result.stdout.splitlines())
    assert result.exit_code == 0
    assert (first["id"], first["verdict"], first["kind"]) == ("a", "confirmed", "change")
    start, end = first["evidence"]["at"]
    assert LINE["body"][start:end] == "we have renewed the access token."
    assert (second["verdict"], second["class"]) == ("not_confirmed", "promise")
    keys = {"id", "verdict", "kind", "class", "evidence", "reasons", "ms", "language"}
    assert set(first) == set(second) == keys


def test_a_broken_line_is_named_and_the_others_are_judged():
    result = run("--json", stdin=f'{{"id": 1}}\n{json.dumps(LINE)}\nnonsense\n')

    missing, judged, nonsense = map(json.loads, result.stdout.splitlines())
    assert result.exit_code == 1
    assert "line 1" in missing["error"]
    assert judged["verdict"] == "confirmed"
    assert "line 3" in nonsense["error"]


def test_a_mail_shows_its_zones_and_the_verdict(tmp_path: Path):
    file = tmp_path / "reply.eml"
    file.write_bytes(MAIL)

    result = run(str(file))

    assert result.exit_code == 0
    assert "confirmed change" in result.stdout
    assert "signature:" in result.stdout
    assert "> Please renew it." in result.stdout


def test_a_file_that_is_not_there_says_what_to_name():
    result = run("nowhere.jsonl")
    assert result.exit_code == 1
    assert "nowhere.jsonl" in result.stderr
