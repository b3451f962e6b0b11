"""`mailflow run`, but it ends as by a power cut at the first of some named points.

    python bench/killable.py POINTS TRACE --config FILE

POINTS is a file with a name a line. TRACE gets a line for every point that is reached, so that a
course can be seen before it is cut; its last line is where it was.
"""

import sys
from dataclasses import replace
from pathlib import Path

from mailflow.cli.service import work_until_stopped
from mailflow.demo.breaking import PowerCut, armed
from mailflow.logs import configure
from mailflow.settings.loading import load_settings
from mailflow.wiring import lock_database, open_office


def main(points: Path, trace: Path, config: Path) -> None:
    """Run until stopped, or until a point is reached."""
    awaited = frozenset(points.read_text("utf-8").splitlines())
    settings = load_settings(config)
    configure(settings.log.level, settings.log.json_lines)
    lock = lock_database(settings)
    office = open_office(settings, lock)
    with trace.open("a", encoding="utf-8", buffering=1) as lines:
        cut = PowerCut(awaited, note=lambda reached: print(reached, file=lines))
        work_until_stopped(config, settings, replace(office, desk=armed(office.desk, cut.reached)))
    office.close()
    lock.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[4]))
