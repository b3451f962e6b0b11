"""How often the judge of replies is right, on labelled replies.

    python bench/replies.py FILE.jsonl...          figures, a line a file
    python bench/replies.py --show FILE.jsonl...   and every reply that was judged wrong

A line of a file holds what `mailflow explain reply` reads, and `clear` (is it a clear confirmation)
and `intent` (change_confirmed or removal_confirmed where it is).
"""

import json
import sys
from collections import Counter
from pathlib import Path
from statistics import quantiles
from typing import Any

from mailflow.cli.explaining_replies import judged_line

Row = dict[str, Any]


def main(words: list[str]) -> None:
    """Judge every file and print what came of it."""
    show = "--show" in words
    for name in (word for word in words if word != "--show"):
        rows = rows_of(name)
        verdicts = [judged_line(json.dumps(row)) for row in rows]
        pairs = list(zip(rows, verdicts, strict=True))
        print(f"{Path(name).name}: {_figures(pairs)}")
        if show:
            _show(pairs)


def rows_of(name: str) -> list[Row]:
    """Read a file; every marketplace in it counts as known, as those of all jobs do."""
    rows = [json.loads(line) for line in Path(name).read_text("utf-8").splitlines() if line]
    names = sorted({row["marketplace"] for row in rows} - {""})
    return [{"marketplaces": names, **row} for row in rows]


def _figures(pairs: list[tuple[Row, Row]]) -> str:
    clear = [(row, said) for row, said in pairs if row["clear"]]
    other = [(row, said) for row, said in pairs if not row["clear"]]
    false = Counter(said["kind"] for _, said in other if said["verdict"] == "confirmed")
    right = sum(said["verdict"] == "confirmed" for _, said in clear)
    unclear = sum(said["verdict"] == "unclear" for _, said in pairs)
    lost = sum(said["verdict"] == "not_confirmed" for _, said in clear)
    ms = quantiles([said["ms"] for _, said in pairs], n=20)[18] if len(pairs) > 1 else 0.0
    return (
        f"{len(pairs)} replies, false accepts {false['change']} change {false['removal']} removal "
        f"of {len(other)}, recall {right / max(1, len(clear)):.3f}, "
        f"unclear {unclear / len(pairs):.3f}, clear taken for not confirmed {lost}, p95 {ms:.1f} ms"
    )


def _show(pairs: list[tuple[Row, Row]]) -> None:
    for row, said in pairs:
        if row["clear"] == (said["verdict"] == "confirmed"):
            continue
        print(f"  {row['id']} {row['lang']} {row['asked']} {row['marketplace']}: {said['verdict']}")
        print(f"    {said['own']!r}\n    {said['reasons']}")


if __name__ == "__main__":
    main(sys.argv[1:])
