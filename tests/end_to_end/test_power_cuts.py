"""The daemon is ended as by a power cut at every named point of the main job, one after the other.

One job goes its whole way while the daemon dies at each point in turn and is started again. In
the end every mail was sent once, every act was done once, and nothing is left to do.
"""

import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from mailflow.demo.people import SHOP, STAFF
from mailflow.demo.scenario import MAIN_JOB, play
from mailflow.demo.stage import Stage
from mailflow.tickets.ticket import State

# On each side of every kind of commit and of every act outside, in the order of a course.
POINTS = (
    "kept: before the commit",
    "kept: after the commit",
    "put away: before",
    "put away: after",
    "understood alert: before the commit",
    "understood alert: after the commit",
    "claimed PauseJob: before the commit",
    "claimed PauseJob: after the commit",
    "stop: before",
    "stop: after",
    "finished PauseJob: before the commit",
    "finished PauseJob: after the commit",
    "claimed SendMail first_notice: after the commit",
    "noted first_notice: before the commit",
    "noted first_notice: after the commit",
    "send: before",
    "mail taken, copy not kept",
    "marked sent: before the commit",
    "finished SendMail first_notice: before the commit",
    "understood reply: after the commit",
    "reactivate: before",
    "reactivate: after",
    "finished ReactivateJob: before the commit",
    "run: before",
    "run: after",
    "finished RunJob: after the commit",
    "finished ProbeRuns: before the commit",
    "finished ProbeRuns: after the commit",
    "understood staff: before the commit",
    "finished ReadScreenshot: before the commit",
    "finished ReadScreenshot: after the commit",
    "finished SendMail closed: before the commit",
)
FEWER = POINTS[1::2]
KILLABLE = Path(__file__).parents[2] / "bench" / "killable.py"


class MortalStage(Stage):
    """A stage whose daemon dies once at every point, and is started again by a watchman."""

    more_settings = "\n[limits]\ncrashes = 20\n"  # it dies more often than an order may kill

    def __init__(self, folder: Path, points: tuple[str, ...], *, database: str = "") -> None:
        super().__init__(folder, database=database)
        self.left = set(points)
        self._over = threading.Event()
        self._watchman = threading.Thread(target=self._watch)

    def start_daemon(self, program: Sequence[str] = ()) -> int:
        points, trace = self.folder / "points", self.folder / "trace"
        points.write_text("\n".join(self.left), encoding="utf-8")
        return super().start_daemon([*program, str(KILLABLE), str(points), str(trace)])

    def _watch(self) -> None:
        while not self._over.wait(0.05):
            if self.daemon_ended() == -signal.SIGKILL:
                reached = (self.folder / "trace").read_text("utf-8").splitlines()
                self.left.remove(reached[-1])
                self.start_daemon()

    @contextmanager
    def watched(self) -> Iterator[None]:
        self._watchman.start()
        try:
            yield
        finally:
            self._over.set()
            self._watchman.join()


@pytest.mark.timeout(480)  # an order over which it died waits for seconds
@pytest.mark.parametrize(
    ("kind", "points"), [("sqlite", POINTS), ("postgresql", FEWER)], ids=["SQLite", "PostgreSQL"]
)
def test_power_cuts_lose_nothing_and_double_nothing(
    kind: str, points: tuple[str, ...], tmp_path: Path, request: pytest.FixtureRequest
):
    database = ""
    if kind == "postgresql":
        database = request.getfixturevalue("postgres_server").new_database()
    told: list[str] = []
    with MortalStage(tmp_path, points, database=database) as stage:
        with stage.watched():
            play(stage, told.append, MAIN_JOB)
            stage.wait_for("an end of all orders", lambda: not stage.orders_left())

        assert stage.left == set(), "the daemon came through without dying everywhere"
        (ticket,) = stage.tickets()
        assert ticket.state is State.CLOSED
        acts = [(act.verb, act.key) for act in stage.platform.acts() if not act.repeated]
        assert [verb for verb, _ in acts] == ["suspend_connection", "reactivate", "run_now"]
        for person, mails in ((SHOP, 3), (STAFF, 1)):
            ids = [mail.message_id for mail in stage.mails_of(person)]
            assert len(ids) == len(set(ids)) == mails, (person, ids)
        assert stage.on_the_shelf() == []
