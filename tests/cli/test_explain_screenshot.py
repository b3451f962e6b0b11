"""`mailflow explain screenshot` over real files, with the real reader."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from typer.testing import CliRunner

from mailflow.cli import explaining_pictures
from mailflow.cli.app import app
from mailflow.workflow.judging import judge_file

PICTURES = Path(__file__).parents[1] / "evidence" / "pictures"
GOOD = PICTURES / "job_succeeded.png"
FAILED = PICTURES / "job_newest_failed.png"
ASKED = {
    "job": "feed-nordhaus-de",
    "job_name": "Nordhaus price feed",
    "retailer": "nordhaus",
    "marketplace": "Kaufwelt DE",
    "after": "2026-03-10T08:30:00+00:00",
    "received": "2026-03-10T10:00:00+00:00",
    "zone": "UTC",
}
OPTIONS = [word for key, value in ASKED.items() for word in (f"--{key.replace('_', '-')}", value)]


def explain(*words: object) -> tuple[int, list[dict[str, Any]]]:
    result = CliRunner().invoke(app, ["explain", "screenshot", *map(str, words), "--json"])
    lines = [line for line in result.output.splitlines() if line.startswith("{")]
    return result.exit_code, [json.loads(line) for line in lines]


def test_each_file_gives_a_line_with_every_check(tmp_path: Path):
    broken = tmp_path / "broken.png"
    broken.write_bytes(GOOD.read_bytes()[:4000])

    status, rows = explain(GOOD, FAILED, broken, tmp_path / "missing.png", *OPTIONS)

    assert [row["verdict"] for row in rows] == ["accepted", "refused", "refused", "refused"]
    good, failed, cut, missing = rows
    assert good["file"] == str(GOOD)
    assert good["finished_at"] == "2026-03-10T09:14:05+00:00"
    assert good["job"] in {ASKED["job"], ASKED["job_name"]}
    assert all(check["passed"] for check in good["checks"])
    assert {"name", "passed", "seen", "box"} <= set(good["checks"][0])
    assert "Failed" in failed["status"]
    assert "damaged" in cut["checks"][0]["seen"]
    assert "missing.png" in missing["checks"][0]["seen"]
    assert all(row["ms"] >= 0 for row in rows)
    assert status == 1, "some file could not be read"


def test_a_box_frames_what_was_seen():
    _, ((row),) = explain(GOOD, *OPTIONS)
    status = next(check for check in row["checks"] if check["name"] == "status")

    x, y, width, height = status["box"]

    assert 0 <= x < x + width <= 1280
    assert 0 <= y < y + height <= 480
    assert row["status"] == "Succeeded"


def test_a_manifest_asks_its_own_question_of_every_picture(tmp_path: Path):
    manifest = tmp_path / "asked.jsonl"
    rows = [
        {**ASKED, "file": str(GOOD), "truth": "whatever"},
        {**ASKED, "file": str(GOOD), "after": "2026-03-10T09:30:00+00:00"},
        {**ASKED, "file": str(GOOD), "job": "feed-nordhaus-fr", "job_name": ""},
        {**ASKED, "file": str(GOOD), "zone": "Nowhere/Land"},
        {"file": str(GOOD)},
    ]
    lines = [json.dumps(row) for row in rows] + ["{no json", "", "17"]
    manifest.write_text("\n".join(lines), encoding="utf-8")

    status, found = explain("--manifest", manifest)

    verdicts = [row["verdict"] for row in found]
    assert verdicts[:2] == ["accepted", "refused"]
    assert verdicts[2] != "accepted"
    assert verdicts[3:] == ["refused"] * 4
    assert "zone" in found[3]["checks"][0]["seen"]
    assert "job" in found[4]["checks"][0]["seen"]
    assert "no JSON" in found[5]["checks"][0]["seen"]
    assert status == 1


def test_files_of_a_manifest_lie_beside_it_and_options_fill_its_gaps(tmp_path: Path):
    (tmp_path / "shot.png").write_bytes(GOOD.read_bytes())
    manifest = tmp_path / "asked.jsonl"
    manifest.write_text('{"file": "shot.png"}\n', encoding="utf-8")

    status, (row,) = explain("--manifest", manifest, *OPTIONS)

    assert (status, row["verdict"]) == (0, "accepted")


def test_a_document_is_judged_by_its_best_picture_unless_another_speaks_against_it(tmp_path: Path):
    good, failed = Image.open(GOOD).convert("RGB"), Image.open(FAILED).convert("RGB")
    logo = Image.effect_noise((300, 100), 90).convert("RGB")
    good.save(tmp_path / "with_logo.pdf", save_all=True, append_images=[logo], quality=95)
    good.save(tmp_path / "with_failed.pdf", save_all=True, append_images=[failed], quality=95)

    _, (fine, doubtful) = explain(
        tmp_path / "with_logo.pdf", tmp_path / "with_failed.pdf", *OPTIONS
    )

    assert (fine["verdict"], fine["page"]) == ("accepted", "page 1")
    assert doubtful["verdict"] == "unsure"
    assert any("page 2 shows" in reason for reason in doubtful["reasons"])


def test_what_was_seen_is_drawn_on_the_picture(tmp_path: Path):
    target = tmp_path / "drawn.png"

    status, _ = explain(FAILED, "--draw", target, *OPTIONS)

    before, after = np.asarray(Image.open(FAILED).convert("RGB")), np.asarray(Image.open(target))
    changed = (before != after).any(axis=2)
    red = (after == (190, 20, 20)).all(axis=2)
    assert status == 0
    assert 0 < changed.mean() < 0.5
    assert red.any(), "what failed is framed"


def test_wrong_use_is_said_before_anything_is_read():
    assert explain()[0] == 2
    assert explain(GOOD, "--job", "x")[0] == 2, "after is missing"
    assert explain(GOOD, FAILED, "--draw", "x.png", *OPTIONS)[0] == 2


def test_other_jobs_are_named_once_in_a_list_or_in_a_file(tmp_path: Path):
    names = tmp_path / "jobs.txt"
    names.write_text("feed-nordhaus-de\nfeed-nordhaus-de-b2b\n", encoding="utf-8")

    status, (row,) = explain(GOOD, "--known-jobs", f"@{names}", "--known-jobs", "a,b", *OPTIONS)

    assert (status, row["verdict"]) == (0, "accepted")


def test_a_defect_of_ours_costs_one_line_and_accepts_nothing(monkeypatch):
    judge = judge_file

    def fails_at_first(reader: Any, content: bytes, ask: Any) -> Any:
        monkeypatch.setattr(explaining_pictures, "judge_file", judge)
        raise ZeroDivisionError("a defect")

    monkeypatch.setattr(explaining_pictures, "judge_file", fails_at_first)

    status, (broken, fine) = explain(GOOD, GOOD, *OPTIONS)

    assert (broken["verdict"], fine["verdict"]) == ("refused", "accepted")
    assert "ZeroDivisionError" in broken["reasons"][0]
    assert status == 1
