"""Replies written for this test, more than half of them near misses, and learned from since.

No removal is accepted falsely in any set. The near misses that are taken for a change are named
here, so that none comes to them unseen.
"""

import json
from pathlib import Path

import pytest

from mailflow.cli.explaining_replies import judged_line

SETS = sorted((Path(__file__).parent / "replies").glob("*.jsonl"))
LEAST_RECALL = 0.8
TAKEN_FOR_A_CHANGE: dict[str, set[str]] = {
    "first": {"fresh-061"},
    "second": {"second-036", "second-048"},
}


@pytest.mark.parametrize("path", SETS, ids=lambda path: path.stem)
def test_no_near_miss_is_taken_for_a_removal(path: Path) -> None:
    lines = path.read_text("utf-8").splitlines()
    other = [line for line in lines if not json.loads(line)["clear"]]
    assert other
    assert [line for line in other if judged_line(line)["kind"] == "removal"] == []


@pytest.mark.parametrize("path", SETS, ids=lambda path: path.stem)
def test_no_further_near_miss_is_accepted_and_most_clear_replies_are(path: Path) -> None:
    lines = path.read_text("utf-8").splitlines()
    clear = [line for line in lines if json.loads(line)["clear"]]
    other = [line for line in lines if not json.loads(line)["clear"]]
    accepted = [line for line in other if judged_line(line)["verdict"] == "confirmed"]
    assert {json.loads(line)["id"] for line in accepted} <= TAKEN_FOR_A_CHANGE[path.stem]
    right = sum(judged_line(line)["verdict"] == "confirmed" for line in clear)
    assert right / len(clear) >= LEAST_RECALL
