"""`mailflow explain screenshot`: what a picture proves, by the daemon's own judge."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo

import typer
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, field_validator

from mailflow.cli.app import JsonOption, explain_app, fail, out
from mailflow.edges.clock import SystemClock
from mailflow.edges.picture_worker import WorkerPictureReader
from mailflow.evidence.verdict import Check, Question
from mailflow.settings.root import LimitSettings
from mailflow.tickets.errors import GiveUp, MailflowError, TryAgainLater
from mailflow.tickets.ticket import Subject
from mailflow.workflow.judging import Judged, judge_file, marks_of

_TRIES = 2  # a worker that died of a picture is given it once more
Row = dict[str, Any]


class _Asked(BaseModel):
    """What is asked of one picture: the options, or a line of the manifest."""

    model_config = ConfigDict(extra="ignore", frozen=True)  # a manifest may hold the truth too

    file: Path
    job: str = Field(min_length=1)
    job_name: str = ""
    retailer: str = ""
    retailer_name: str = ""
    marketplace: str = ""
    after: AwareDatetime
    received: AwareDatetime
    zone: str = "UTC"
    day_first: bool = True
    subject: Subject = Subject.REPAIR
    known_jobs: tuple[str, ...] = ()

    @field_validator("zone")
    @classmethod
    def _known(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError):
            raise ValueError(f"{value!r} is no IANA time zone") from None
        return value

    @field_validator("after", "received", mode="before")
    @classmethod
    def _utc_where_no_zone_stands(cls, value: object) -> object:
        if isinstance(value, str):
            moment = datetime.fromisoformat(value)
            return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return value

    def question(self) -> Question:
        own = {self.job, self.job_name}
        return Question(
            subject=self.subject,
            job=self.job,
            job_name=self.job_name or self.job,
            retailer=self.retailer,
            retailer_name=self.retailer_name or self.retailer,
            marketplace=self.marketplace,
            other_jobs=tuple(name for name in self.known_jobs if name not in own),
            after=self.after.astimezone(UTC),
            received_at=self.received.astimezone(UTC),
            zone=self.zone,
            day_first=self.day_first,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """One thing to do: what is asked, or why nothing can be."""

    file: str
    asked: _Asked | None
    fault: str = ""

    @classmethod
    def of(cls, fields: Row) -> Self:
        name = str(fields.get("file", ""))
        try:
            return cls(file=name, asked=_Asked.model_validate(fields))
        except ValidationError as bad:
            faults = "; ".join(
                f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in bad.errors(include_url=False)
            )
            return cls(file=name, asked=None, fault=faults)


@explain_app.command("screenshot")
def explain_screenshot(  # noqa: PLR0913, PLR0917 - one parameter an option
    files: Annotated[list[Path] | None, typer.Argument(help="Pictures or documents.")] = None,
    job: Annotated[str, typer.Option(help="The job's id or name, as pages show it.")] = "",
    job_name: Annotated[str, typer.Option(help="Its name, where pages show both.")] = "",
    retailer: Annotated[str, typer.Option(help="The account's id or name.")] = "",
    retailer_name: Annotated[str, typer.Option(help="Its name, where pages show both.")] = "",
    marketplace: Annotated[str, typer.Option(help="The marketplace.")] = "",
    after: Annotated[str, typer.Option(help="The run must have ended later (ISO 8601).")] = "",
    received: Annotated[str, typer.Option(help="When the picture came; without: now.")] = "",
    zone: Annotated[str, typer.Option(help="IANA zone of times that name none.")] = "UTC",
    day_first: Annotated[  # noqa: FBT002 - same
        bool, typer.Option("--day-first/--month-first", help="How 03/04 is read.")
    ] = True,
    removal: Annotated[  # noqa: FBT002 - same
        bool, typer.Option("--removal", help="Ask for the job as removed, not as successful.")
    ] = False,
    known_jobs: Annotated[
        list[str] | None, typer.Option(help="Another job's id or name, to tell neighbours apart.")
    ] = None,
    manifest: Annotated[
        Path | None, typer.Option(help="A line of JSON a picture, with the same fields and 'file'.")
    ] = None,
    draw: Annotated[
        Path | None, typer.Option(help="Write the picture here, with what was seen drawn on it.")
    ] = None,
    as_json: JsonOption = False,  # noqa: FBT002 - same
) -> None:
    """Say what pictures prove, without touching anything; no configuration is needed.

    Exit status: 0 every line was judged, 1 some file could not be read, 2 wrong use.
    """
    fields: Row = {
        "job": job,
        "job_name": job_name,
        "retailer": retailer,
        "retailer_name": retailer_name,
        "marketplace": marketplace,
        "received": received or SystemClock().now().isoformat(),
        "zone": zone,
        "day_first": day_first,
        "subject": Subject.REMOVAL if removal else Subject.REPAIR,
        "known_jobs": _listed(known_jobs or []),
        **({"after": after} if after else {}),
    }
    if not files and manifest is None:
        fail("name the pictures to look at, or a --manifest of them", 2)
    if draw is not None and len(files or []) != 1:
        fail("--draw takes exactly one picture", 2)
    lines = [_Line.of({**fields, "file": str(file)}) for file in files or []]
    if manifest is not None:
        lines += _lines_of(manifest, fields)
    elif any(line.asked is None for line in lines):
        fail(lines[0].fault, 2)
    raise typer.Exit(_explain(lines, draw, as_json=as_json))


def _listed(names: list[str]) -> list[str]:
    """Take several names in one option too, and a file of names, one a line."""
    found: list[str] = []
    for name in names:
        path = Path(name.removeprefix("@"))
        if name.startswith("@"):
            found += path.read_text("utf-8").splitlines()
        else:
            found += name.split(",")
    return [name.strip() for name in found if name.strip()]


def _lines_of(manifest: Path, fields: Row) -> Iterator[_Line]:
    """Read the manifest; what a line leaves out the options give. Files lie beside it."""
    try:
        text = manifest.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as unreadable:
        fail(f"{manifest} cannot be read: {unreadable}", 2)
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as broken:
            yield _Line(file=f"{manifest}:{number}", asked=None, fault=f"no JSON: {broken}")
            continue
        if not isinstance(row, dict) or not isinstance(row.get("file"), str):
            yield _Line(file=f"{manifest}:{number}", asked=None, fault="it names no 'file'")
            continue
        read = _Line.of({**fields, **{k: v for k, v in row.items() if v is not None}})
        if read.asked is not None and not read.asked.file.is_file():
            beside = manifest.parent / read.asked.file
            asked = read.asked.model_copy(update={"file": beside})
            read = replace(read, asked=asked)
        yield read


def _explain(lines: list[_Line], draw: Path | None, *, as_json: bool) -> int:
    unreadable = 0
    reader = WorkerPictureReader(LimitSettings())
    try:
        for line in lines:
            started = time.perf_counter()
            row, judged = _row(reader, line)
            unreadable += judged is None
            row["ms"] = round(1000 * (time.perf_counter() - started))
            _show(row, as_json=as_json)
            if draw is not None and judged is not None:
                marks = marks_of(judged.verdict)
                draw.write_bytes(reader.draw(judged.picture.content, marks))
    except OSError as unwritable:
        fail(f"{draw} cannot be written: {unwritable}")
    finally:
        reader.close()
    return 1 if unreadable else 0


def _row(reader: WorkerPictureReader, line: _Line) -> tuple[Row, Judged | None]:
    if line.asked is None:
        return _refused(line.file, line.fault), None
    try:
        judged = _judged(reader, line.asked)
    except (MailflowError, OSError) as refused:
        return _refused(line.file, str(refused)), None
    except Exception as defect:  # noqa: BLE001 - one bad picture must not end the run over many
        why = f"mailflow failed on it: {type(defect).__name__}: {defect}"
        return _refused(line.file, why), None
    verdict = judged.verdict
    at = verdict.finished_at
    return {
        "file": line.file,
        "verdict": verdict.result.value,
        "checks": [_check(check) for check in verdict.checks],
        "job": verdict.job or None,
        "status": verdict.status or None,
        "finished_at": at.isoformat() if at else None,
        "reasons": list(verdict.reasons),
        "page": judged.picture.place or None,
        "metadata": dict(judged.reading.metadata),
    }, judged


def _judged(reader: WorkerPictureReader, asked: _Asked) -> Judged:
    content = asked.file.read_bytes()
    question = asked.question()
    for _ in range(_TRIES - 1):
        try:
            return judge_file(reader, content, lambda _reading: question)
        except TryAgainLater:
            continue
    try:
        return judge_file(reader, content, lambda _reading: question)
    except TryAgainLater as again:
        raise GiveUp(again.reason) from again


def _refused(file: str, why: str) -> Row:
    check = {"name": "picture", "passed": False, "seen": why, "box": None}
    nothing: Row = dict.fromkeys(("job", "status", "finished_at"))
    return {"file": file, "verdict": "refused", "checks": [check], **nothing, "reasons": [why]}


def _check(check: Check) -> Row:
    box = list(check.box) if check.box else None
    return {"name": check.name, "passed": check.passed, "seen": check.seen, "box": box}


def _show(row: Row, *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(row, ensure_ascii=False))
        return
    out.print(f"{row['file']}: {row['verdict']} ({row['ms']} ms)", markup=False, highlight=False)
    for check in row["checks"]:
        word = {True: "ok", False: "no", None: "??"}[check["passed"]]
        line = f"  {word}  {check['name']}: {check['seen']}"
        out.print(line, markup=False, highlight=False, soft_wrap=True)
