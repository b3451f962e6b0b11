"""`mailflow explain reply`: what a reply says, by the daemon's own judge."""

import json
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import BaseModel, ConfigDict, ValidationError

from mailflow.cli.app import JsonOption, explain_app, fail, out
from mailflow.edges.mail_parser import WorkerMailParser
from mailflow.settings.root import LimitSettings
from mailflow.tickets.errors import GiveUp, TryAgainLater
from mailflow.tickets.ticket import Subject
from mailflow.understanding.confirmation import Asked, Lexicon, LexiconError, Topic, judge, warm_up
from mailflow.understanding.meaning import Answer, ReplyText, ReplyVerdict
from mailflow.understanding.reply_text import split_reply, split_text
from mailflow.wiring import read_lexicons

_STDIN = Path("-")
_REMOVALS = frozenset({"removal", "remove", "confirm_removal", "offboarded"})
_TOPICS = {
    "token": Topic.TOKEN,
    "feed": Topic.FEED,
    "website": Topic.WEBSITE,
    "connection": Topic.CONNECTION,
}
_KINDS = {Subject.REPAIR: "change", Subject.REMOVAL: "removal"}
Row = dict[str, Any]


class _Reply(BaseModel):
    """One line of input."""

    model_config = ConfigDict(extra="ignore")  # a line may hold the truth too

    id: str | int = ""
    asked: str = ""
    marketplace: str = ""
    marketplaces: tuple[str, ...] = ()  # every name in use; the daemon knows its jobs' own
    body: str
    sent: str = ""
    phrase: str = ""
    ticket: str = ""
    lang: str = ""


@explain_app.command("reply")
def reply(
    files: Annotated[
        list[Path] | None,
        typer.Argument(help="JSON lines, or mails (*.eml); - for standard input."),
    ] = None,
    asked: Annotated[
        str, typer.Option(help="For mails: change or removal, as the retailer was asked.")
    ] = "change",
    marketplace: Annotated[str, typer.Option(help="For mails: the marketplace asked about.")] = "",
    lexicons: Annotated[
        Path | None, typer.Option(help="Folder of own lexicons (LANGUAGE.toml) to judge by.")
    ] = None,
    as_json: JsonOption = False,  # noqa: FBT002 - a switch of the command line
) -> None:
    """Say whether replies confirm what was asked, with the words that say it.

    JSON lines hold id, asked, marketplace, marketplaces (every name in use), body, sent (our mail),
    phrase, ticket and lang; each gives a line with id, verdict, kind, class, evidence, reasons and
    ms. A mail (*.eml) shows its zones too. Needs no configuration file. Exit status: 0 each was
    judged, 1 some were not.
    """
    broken = 0
    own = _own_lexicons(lexicons)
    warm_up()  # not counted in ms
    question = _question(asked, marketplace)
    for file in files or [_STDIN]:
        rows = _of_mail(file, question, own) if file.suffix == ".eml" else _of_lines(file, own)
        for row in rows:
            broken += "error" in row
            _show(row, as_json=as_json or file.suffix != ".eml")
    raise typer.Exit(1 if broken else 0)


def _own_lexicons(folder: Path | None) -> Mapping[str, Lexicon] | None:
    try:
        return read_lexicons(folder) if folder else None
    except (LexiconError, OSError, UnicodeDecodeError) as bad:
        fail(str(bad), 2)


def _of_lines(file: Path, lexicons: Mapping[str, Lexicon] | None) -> Iterator[Row]:
    try:
        lines = sys.stdin if file == _STDIN else file.open(encoding="utf-8")
    except OSError as problem:
        fail(f"{file}: {problem.strerror}; name a file of JSON lines, a mail (*.eml), or -")
    with lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                row = judged_line(line, lexicons)
            except ValidationError as wrong:
                why = wrong.errors(include_url=False, include_input=False)[0]["msg"]
                yield {"id": None, "error": f"{file} line {number}: {why}"}
                continue
            del row["own"]
            yield row


def question_of(row: Row) -> Asked:
    """Give the question that a line of input stands for."""
    reply = _Reply.model_validate(row)
    return _of_line(reply)


def judged_line(line: str, lexicons: Mapping[str, Lexicon] | None = None) -> Row:
    """Judge one JSON line; `own` holds the words that were judged.

    Raises:
        ValidationError: the line is no reply.
    """
    reply = _Reply.model_validate_json(line)
    began = time.perf_counter()
    question = _of_line(reply)
    text = split_text(reply.body, [reply.sent] if reply.sent else [], reply.phrase)
    verdict = judge(text.own, question, lexicons)
    spent = (time.perf_counter() - began) * 1000
    row = {"id": reply.id, **_told(verdict, reply.body), "ms": round(spent, 2)}
    return {**row, "own": text.own}


def _of_line(reply: _Reply) -> Asked:
    question = _question(reply.asked, reply.marketplace)
    return replace(
        question,
        ticket=reply.ticket,
        language=reply.lang.lower()[:2],
        all_marketplaces=(*question.all_marketplaces, *reply.marketplaces),
    )


def _question(asked: str, marketplace: str) -> Asked:
    return Asked(
        ticket="",
        marketplace=marketplace,
        subject=Subject.REMOVAL if asked in _REMOVALS or "remov" in asked else Subject.REPAIR,
        language="",
        all_marketplaces=(marketplace,),
        topic=next((topic for word, topic in _TOPICS.items() if word in asked), None),
    )


def _told(verdict: ReplyVerdict, body: str) -> Row:
    """Give a verdict in the words of the interface; `evidence` has its place in the body."""
    match verdict.answer:
        case Answer.CONFIRMED:
            word = "confirmed"
        case Answer.UNCLEAR:
            word = "unclear"
        case _:
            word = "not_confirmed"
    start = body.find(verdict.sentence) if verdict.sentence else -1
    place = [start, start + len(verdict.sentence)] if start >= 0 else None
    return {
        "verdict": word,
        "kind": _KINDS[verdict.confirms] if verdict.confirms else None,
        "class": verdict.answer.value if word == "not_confirmed" else None,
        "evidence": {"sentence": verdict.sentence, "at": place} if verdict.sentence else None,
        "reasons": list(verdict.reasons),
        "language": verdict.language,
    }


def _of_mail(file: Path, question: Asked, lexicons: Mapping[str, Lexicon] | None) -> Iterator[Row]:
    parser = WorkerMailParser(LimitSettings())
    try:
        began = time.perf_counter()
        text = split_reply(parser.parse(file.read_bytes()))
    except (OSError, GiveUp, TryAgainLater) as problem:
        yield {"id": file.name, "error": str(problem)}
        return
    finally:
        parser.close()
    verdict = judge(text.own, question, lexicons)
    spent = (time.perf_counter() - began) * 1000
    zones = _zones(text)
    yield {"id": file.name, **_told(verdict, text.own), "ms": round(spent, 2), "zones": zones}


def _zones(text: ReplyText) -> Row:
    return {
        "own": text.own,
        "quoted": text.quoted,
        "signature": text.signature,
        "disclaimer": text.disclaimer,
    }


def _show(row: Row, *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(row, ensure_ascii=False))
        return
    if "error" in row:
        out.print(f"{row['id']}: {row['error']}", style="red", markup=False)
        return
    kind = row["kind"] or row["class"] or ""
    out.print(f"{row['id']}: {row['verdict']} {kind}".rstrip(), style="bold", markup=False)
    for reason in row["reasons"]:
        out.print(f"  because: {reason}", markup=False)
    if row["evidence"]:
        out.print(f"  it says: {row['evidence']['sentence']}", markup=False)
    for zone, words in row["zones"].items():
        out.print(f"\n{zone}:" if words else f"\n{zone}: nothing", style="bold")
        if words:
            out.print(words, markup=False, highlight=False)
