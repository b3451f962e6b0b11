"""Measures the judge of screenshots on pictures drawn for the purpose.

    python -m bench.evidence draw  build/pictures     pages, drawn and damaged, with the truth
    python -m bench.evidence read  build/pictures     read once; kept beside each picture
    python -m bench.evidence judge build/pictures     verdicts, counted by look and by damage

`--looks` names modules of `bench.pictures` or files of one's own, each with `LOOKS`, a page by
name, and `COUNTING`, the names of those that show a count of errors. `--look` takes only some.
`--list KIND` names the pictures of one kind: false_accept, false_reject, unsure. Reading is slow
and judging is not, so a change of the judge needs no new reading: `read` looks twice at every line
a question may ask for.
"""

import argparse
import importlib
import importlib.util
import json
import random
import statistics
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import islice
from pathlib import Path
from types import ModuleType
from typing import Any

from PIL import Image
from pydantic import TypeAdapter

from bench.pictures.damage import DAMAGES
from bench.pictures.drawing import draw, size_of
from bench.pictures.scenes import Scene, scenes
from mailflow.edges.picture_worker import WorkerPictureReader
from mailflow.evidence.deciding import deciding
from mailflow.evidence.judge import judge
from mailflow.evidence.reading import Reading
from mailflow.evidence.verdict import Question, Result, Verdict
from mailflow.settings.root import LimitSettings

Pages = dict[str, Callable[[Scene], str]]
_READING = TypeAdapter(Reading)
SEED = 20261124
EACH = 24  # scenes a look
MODULES = (
    "looks",
    "looks_held_out",
    "looks_panels",
    "looks_lists",
    "looks_other_hand",
    "looks_consoles",
    "looks_feeds",
    "looks_offices",
    "looks_offices_panes",
)


@dataclass(frozen=True, slots=True)
class Looks:
    """Pages by name, those that show a count of errors, and how many scenes are drawn of each."""

    pages: Pages
    counting: frozenset[str]
    each: int


def looks_of(modules: list[str], only: list[str], each: int) -> Looks:
    pages: Pages = {}
    counting: set[str] = set()
    for name in modules:
        module = _module(name)
        pages |= module.LOOKS
        counting |= module.COUNTING
    chosen = {name: page for name, page in pages.items() if not only or name in only}
    return Looks(chosen, frozenset(counting), each)


def _module(name: str) -> ModuleType:
    if not name.endswith(".py"):
        return importlib.import_module(f"bench.pictures.{name}")
    spec = importlib.util.spec_from_file_location(Path(name).stem, name)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def corpus(chosen: Looks) -> Iterator[tuple[Scene, str, str]]:
    """Give every picture: the scene, the damage, the file's name."""
    kinds = list(DAMAGES)
    for index, scene in enumerate(scenes(tuple(chosen.pages), chosen.each, SEED, chosen.counting)):
        suffixes = ["clean", kinds[index % len(kinds)], kinds[(index // 5 + 2) % len(kinds)]]
        for damage in dict.fromkeys(suffixes):
            if not (damage == "crop" and scene.state == "staging"):
                yield scene, damage, f"{scene.key}-{damage}"


def draw_all(folder: Path, chosen: Looks) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for scene, damage, name in corpus(chosen):
        target, base = folder / f"{name}.img", folder / f"{scene.key}-clean.img"
        if target.exists():
            continue
        if damage == "clean":
            png = folder / "drawing.png"
            draw(chosen.pages[scene.look](scene), png, size=size_of(scene), scale=scene.scale)
            png.rename(target)
        else:
            with Image.open(base) as image:
                dice = random.Random(scene.key)
                target.write_bytes(DAMAGES[damage](image, dice))


def read_all(folder: Path, chosen: Looks, share: tuple[int, int]) -> None:
    """Read what is not read yet, in one worker, and keep the time of each."""
    reader = WorkerPictureReader(LimitSettings())
    first, every = share
    try:
        for scene, _, name in islice(corpus(chosen), first, None, every):
            kept = folder / f"{name}.json"
            known = json.loads(kept.read_text()) if kept.exists() else None
            now = _read(reader, folder / f"{name}.img", scene, known)
            kept.write_text(json.dumps(now))
    finally:
        _, peak = reader.cost()
        reader.close()
    if peak:
        (folder / "memory.json").write_text(json.dumps(peak))


def _read(
    reader: WorkerPictureReader, file: Path, scene: Scene, known: dict[str, Any] | None
) -> dict[str, Any]:
    """Read a picture, or look again at the lines that a changed judge asks for."""
    content = file.read_bytes()
    before, _ = reader.cost()
    reading = _READING.validate_python(known["reading"]) if known else reader.read(content)
    reading = reader.read_again(content, reading, deciding(reading, scene.question))
    seconds = known["seconds"] if known else reader.cost()[0] - before
    # The other questions ask for other lines; their second look is not on the clock.
    for _, question in others_asked(scene):
        reading = reader.read_again(content, reading, deciding(reading, question))
    return {"seconds": seconds, "reading": _READING.dump_python(reading, mode="json")}


def others_asked(scene: Scene) -> Iterator[tuple[str, Question]]:
    """More questions to the same picture; none of them may be answered with yes."""
    question = scene.question
    yield "later failure", replace(question, after=question.received_at - timedelta(minutes=1))
    for row in scene.others:
        if row.state == "failed":
            own = {row.job, row.name}
            names = {*question.other_jobs, question.job, question.job_name} - own
            yield "failed neighbour", replace(
                question, job=row.job, job_name=row.name, retailer=row.retailer,
                retailer_name=row.retailer, marketplace=row.marketplace,
                other_jobs=tuple(sorted(names)),
            )  # fmt: skip
            break
    yield "longer name", replace(
        question, job=f"{question.job}-b2b", job_name=f"{question.job_name} B2B",
        other_jobs=(*question.other_jobs, question.job, question.job_name),
    )  # fmt: skip


def judge_all(folder: Path, chosen: Looks, listed: str) -> int:
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    why: Counter[str] = Counter()
    seconds: list[float] = []
    started, asked = time.perf_counter(), 0
    for scene, damage, name in corpus(chosen):
        if not (folder / f"{name}.json").exists():
            continue  # not read yet
        kept = json.loads((folder / f"{name}.json").read_text())
        reading = _READING.validate_python(kept["reading"])
        if reading.width * reading.height <= 1920 * 1080:
            seconds.append(kept["seconds"])
        for what, question in (("", scene.question), *others_asked(scene)):
            verdict, asked = judge(reading, question), asked + 1
            kind = _kind(verdict, proves=scene.proves and not what)
            for group in (
                "all",
                f"look {scene.look}",
                f"damage {damage}",
                f"language {scene.language}",
            ):
                counts[group][kind] += 1
            if kind in ("unsure", "false_reject") and scene.proves and not what:
                why[next(f"{c.name}: {c.seen}" for c in verdict.checks if not c.passed)[:70]] += 1
            if kind == listed:
                print(f"{name} {what}: {' | '.join(verdict.reasons) or verdict.checks}")
    _report(counts, seconds, folder, (time.perf_counter() - started) / max(1, asked))
    if listed == "why":
        print(*(f"{n:5} {reason}" for reason, n in why.most_common(40)), sep="\n")
    return counts["all"]["false_accept"]


def _kind(verdict: Verdict, *, proves: bool) -> str:
    if not proves:
        return "false_accept" if verdict.result is Result.ACCEPTED else "kept_out"
    return {
        Result.ACCEPTED: "accepted", Result.UNSURE: "unsure", Result.REFUSED: "false_reject",
    }[verdict.result]  # fmt: skip


def _report(
    counts: dict[str, Counter[str]], seconds: list[float], folder: Path, each: float
) -> None:
    print(
        f"{'':24}{'proofs':>8}{'accepted':>9}{'unsure':>8}{'refused':>8}{'not ok':>8}"
        f"{'no proofs':>11}{'FALSE ACCEPTS':>15}"
    )
    for group, found in counts.items():
        proofs = found["accepted"] + found["unsure"] + found["false_reject"]
        bad = (found["unsure"] + found["false_reject"]) / proofs if proofs else 0
        print(
            f"{group:24}{proofs:8}{found['accepted']:9}{found['unsure']:8}{found['false_reject']:8}"
            f"{bad:8.1%}{found['kept_out'] + found['false_accept']:11}{found['false_accept']:15}"
        )
    ordered = sorted(seconds)
    p95 = ordered[int(0.95 * (len(ordered) - 1))]
    print(
        f"CPU seconds to read, up to 1920 x 1080: p50 {statistics.median(ordered):.2f}, "
        f"p95 {p95:.2f} of {len(ordered)}"
    )
    print(f"judging: {1000 * each:.1f} ms a question")
    memory = folder / "memory.json"
    if memory.exists():
        print(f"worker, most memory over the corpus: {memory.read_text()} MB")


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("step", choices=("draw", "read", "judge"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--looks", default=",".join(MODULES), help="modules or files, by commas")
    parser.add_argument("--look", default="", help="only these, by commas")
    parser.add_argument("--each", type=int, default=EACH, help="scenes a look")
    parser.add_argument(
        "--share", default="0/1", help="0/2 reads every second picture from the first"
    )
    parser.add_argument("--list", default="", help="false_accept, false_reject, unsure or why")
    asked = parser.parse_args()
    only = [name for name in asked.look.split(",") if name]
    chosen = looks_of(asked.looks.split(","), only, asked.each)
    if asked.step == "draw":
        draw_all(asked.folder, chosen)
        return 0
    if asked.step == "read":
        first, _, every = asked.share.partition("/")
        read_all(asked.folder, chosen, (int(first), int(every)))
        return 0
    return min(1, judge_all(asked.folder, chosen, asked.list))


if __name__ == "__main__":
    sys.exit(main())
