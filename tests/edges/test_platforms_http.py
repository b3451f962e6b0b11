import base64
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from mailflow.edges.platforms.http_json import HttpJsonPlatform
from mailflow.tickets.effects import Stop
from mailflow.tickets.errors import GiveUp, TryAgainLater
from mailflow.workflow.ports import JobState, NotStoppable, RunStatus
from tests.edges.platform_contract import FIXED as JOB
from tests.edges.platform_helpers import ScriptedServer, SteppingClock, example_settings, serving

Start = Callable[..., tuple[HttpJsonPlatform, ScriptedServer]]


def state(word: str) -> tuple[int, dict[str, str], bytes]:
    return 200, {}, json.dumps({"job": {"state": word}}).encode()


def runs(*items: Mapping[str, object]) -> tuple[int, dict[str, str], bytes]:
    return 200, {}, json.dumps({"runs": items}).encode()


@pytest.fixture
def start() -> Iterator[Start]:
    opened: list[Any] = []

    def starting(*answers, **changes):
        context = serving(ScriptedServer(*answers))
        script = context.__enter__()
        settings = example_settings(script.url, **({"poll_seconds": 0.01} | changes))
        platform = HttpJsonPlatform("shop", settings, clock=SteppingClock())
        opened.extend((context, platform))
        return platform, script

    yield starting
    for context, platform in zip(opened[::2], opened[1::2], strict=True):
        platform.close()
        context.__exit__(None, None, None)


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503])
def test_a_busy_or_broken_platform_is_tried_again(start, status):
    platform, _ = start((status, {"Retry-After": "17"}, b""))
    with pytest.raises(TryAgainLater) as raised:
        platform.state_of(JOB)
    assert raised.value.after_seconds == 17


def test_a_retry_after_may_be_a_date(start):
    platform, _ = start((503, {"Retry-After": "Sun, 01 Mar 2026 12:01:01 GMT"}, b""))
    with pytest.raises(TryAgainLater) as raised:
        platform.state_of(JOB)
    assert raised.value.after_seconds == 60


@pytest.mark.parametrize("status", [301, 302, 307, 400, 401, 403, 404])
def test_a_refusal_or_a_redirect_is_given_up(start, status):
    platform, script = start((status, {"Location": "/elsewhere"}, b"no"))
    with pytest.raises(GiveUp, match=f"status {status}"):
        platform.state_of(JOB)
    assert len(script.seen) == 1


def test_a_platform_that_hangs_is_tried_again(start):
    platform, script = start(state("active"), read_seconds=0.2)
    script.hangs = True
    with pytest.raises(TryAgainLater, match="no answer in time"):
        platform.state_of(JOB)


def test_a_platform_that_is_down_is_tried_again():
    with serving(ScriptedServer(state("active"))) as script:
        url = script.url
    platform = HttpJsonPlatform("shop", example_settings(url))
    with pytest.raises(TryAgainLater):
        platform.state_of(JOB)
    platform.close()


def test_broken_json_is_given_up_with_path_and_place(start):
    platform, _ = start((200, {}, b'{"job":\n oops}'))
    with pytest.raises(GiveUp, match=r"GET /api/.*/jobs/JOB-2.*line 2 column 2"):
        platform.state_of(JOB)


@pytest.mark.parametrize("content", [b"x" * 1_000_001, b"[" * 100_000, b"\xff\xfe"])
def test_a_monstrous_answer_is_given_up(start, content):
    platform, _ = start((200, {}, content))
    with pytest.raises(GiveUp):
        platform.state_of(JOB)


def test_a_packed_answer_is_given_up(start):
    platform, _ = start((200, {"Content-Encoding": "gzip"}, b"zzz"))
    with pytest.raises(GiveUp, match="packed"):
        platform.state_of(JOB)


@pytest.mark.parametrize(
    "data", [{}, {"job": {"state": None}}, {"job": {"state": {}}}, {"job": {"state": "odd"}}, []]
)
def test_a_state_that_is_not_plain_is_never_guessed(start, data):
    platform, _ = start((200, {}, json.dumps(data).encode()))
    with pytest.raises(GiveUp):
        platform.state_of(JOB)


def test_a_stop_waits_until_the_platform_reports_it(start):
    platform, script = start((202, {}, b""), state("active"), state("pausing"), state("stopped"))
    assert "paused" in platform.stop(JOB, Stop.PAUSE_MARKETPLACE, key="order-7")
    assert [seen[0] for seen in script.seen] == ["POST", "GET", "GET", "GET"]
    assert script.seen[0][2]["idempotency-key"] == "order-7"


def test_a_stop_that_never_shows_is_not_called_a_stop(start):
    platform, _ = start((200, {}, b""), state("active"), settle_seconds=0)
    with pytest.raises(TryAgainLater, match="still says 'active'"):
        platform.stop(JOB, Stop.PAUSE_MARKETPLACE, key="1")


def test_a_repeat_refused_because_it_is_done_counts_as_done(start):
    platform, _ = start((409, {}, b"already paused"), state("stopped"))
    assert platform.stop(JOB, Stop.PAUSE_MARKETPLACE, key="1")


def test_a_refused_stop_of_a_running_job_is_given_up(start):
    platform, _ = start((409, {}, b"locked by finance"), state("active"))
    with pytest.raises(GiveUp, match="locked by finance") as raised:
        platform.stop(JOB, Stop.PAUSE_MARKETPLACE, key="1")
    assert not isinstance(raised.value, NotStoppable)


def test_a_stop_that_is_not_configured_is_not_stoppable(start):
    platform, script = start(state("active"), disable_feed=None)
    with pytest.raises(NotStoppable):
        platform.stop(JOB, Stop.DISABLE_FEED, key="1")
    assert script.seen == []


def test_values_stay_within_their_path_segment(start):
    platform, script = start(state("active"))
    platform.state_of(replace(JOB, id="a/../b?c#d%2Fé"))
    assert script.seen[0][1].endswith("/jobs/a%2F..%2Fb%3Fc%23d%252F%C3%A9")


@pytest.mark.parametrize("job_id", ["..", ".", "", "\ud800"])
def test_a_job_that_would_lead_elsewhere_is_given_up(start, job_id):
    platform, script = start(state("active"))
    with pytest.raises(GiveUp):
        platform.remove(replace(JOB, id=job_id), key="1")
    assert script.seen == []


def test_body_and_headers_carry_the_job(start):
    act = {
        "path": "/run",
        "body": {"job": "{job}", "tags": ["{retailer}"], "force": True},
        "headers": {"X-Market": "{marketplace}"},
    }
    platform, script = start((200, {}, b""), run_now=act)
    platform.run_now(replace(JOB, id='a"b'), key="1")
    _, _, headers, body = script.seen[0]
    assert json.loads(body) == {"job": 'a"b', "tags": ["acme-tools"], "force": True}
    assert headers["x-market"] == "nordmarkt.de"


def test_a_header_takes_no_line_break(start):
    act = {"path": "/run", "headers": {"X-Job": "{job}"}}
    platform, script = start((200, {}, b""), run_now=act)
    with pytest.raises(GiveUp):
        platform.run_now(replace(JOB, id="a\r\nX-Evil: 1"), key="1")
    assert script.seen == []


@pytest.mark.parametrize(
    ("auth", "header", "value"),
    [
        ({"scheme": "bearer"}, "authorization", "Bearer s3cret"),
        (
            {"scheme": "basic", "user": "bot"},
            "authorization",
            "Basic " + base64.b64encode(b"bot:s3cret").decode(),
        ),
        ({"scheme": "header", "header": "X-Key"}, "x-key", "s3cret"),
    ],
)
def test_the_secret_comes_from_its_file_and_is_never_told(start, tmp_path, auth, header, value):
    (tmp_path / "secret").write_text("s3cret\n")
    auth = auth | {"secret_file": tmp_path / "secret"}
    platform, script = start((403, {}, b"bad token s3cret"), auth=auth)
    with pytest.raises(GiveUp) as raised:
        platform.state_of(JOB)
    assert script.seen[0][2][header] == value
    assert "s3cret" not in str(raised.value)


def test_times_without_a_zone_are_the_platforms(start):
    run = {"id": 7, "status": "OK", "finished_at": "2026-07-01T10:00:00"}
    platform, _ = start(runs(run), zone="Europe/Berlin")
    (read,) = platform.last_runs(JOB)
    assert read.id == "7"
    assert read.status is RunStatus.SUCCEEDED
    assert read.finished_at == datetime(2026, 7, 1, 8, tzinfo=UTC)


def test_runs_are_sorted_newest_first_whatever_the_platform_does(start):
    old = {"id": "old", "status": "ok", "started_at": "2026-07-01T10:00:00+02:00"}
    new = {"id": "new", "status": "ok", "started_at": "2026-07-01T09:00:00Z"}
    platform, _ = start(runs(old, new))
    assert [run.id for run in platform.last_runs(JOB)] == ["new", "old"]


@pytest.mark.parametrize("status", ["partial", None, {}, 1.5])
def test_a_status_that_is_not_plainly_good_or_bad_is_unclear(start, status):
    platform, _ = start(runs({"id": "1", "status": status, "finished_at": "2026-07-01T10:00:00Z"}))
    assert platform.last_runs(JOB)[0].status is RunStatus.UNCLEAR


def test_a_success_that_never_ended_is_unclear(start):
    platform, _ = start(runs({"id": "1", "status": "ok", "started_at": "2026-07-01T10:00:00Z"}))
    assert platform.last_runs(JOB)[0].status is RunStatus.UNCLEAR


@pytest.mark.parametrize(
    "item",
    [{"status": "ok"}, {"id": "1", "finished_at": "2026-07-01"}, {"id": "1", "finished_at": 5}],
)
def test_a_run_that_cannot_be_read_is_given_up_with_its_place(start, item):
    platform, _ = start(runs({"id": "0"}, item))
    with pytest.raises(GiveUp, match=r"runs, run 1: .*\$\."):
        platform.last_runs(JOB)


def test_a_platform_without_runs_cannot_tell(start):
    platform, _ = start(state("active"), runs=None)
    with pytest.raises(GiveUp, match="cannot tell"):
        platform.last_runs(JOB)


def test_a_configured_status_proves_a_removal(start):
    asked = {
        "path": "/jobs/{job}",
        "value": "$.state",
        "values": {"on": "running", "off": "stopped"},
        "removed_statuses": [410],
    }
    platform, _ = start((410, {}, b""), state=asked)
    assert platform.state_of(JOB) is JobState.REMOVED


def test_the_page_for_people_names_the_job(start):
    platform, _ = start(state("active"))
    assert platform.page_of(replace(JOB, id="a b")).endswith("/jobs/a%20b")
