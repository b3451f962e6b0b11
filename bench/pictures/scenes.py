"""Scenes: what a page shows and what is asked of it, with the truth. Seeded, so repeatable."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bench.pictures.wording import COUNTED, LANGUAGES, MONTHS, RELATIVE, STATUS
from mailflow.evidence.verdict import Question
from mailflow.tickets.ticket import Subject

RETAILERS = {
    "nordhaus": "Nordhaus", "nordhaus-outlet": "Nordhaus Outlet", "alpenrad": "Alpenrad",
    "tulpenhof": "Tulpenhof", "maison-bleue": "Maison Bleue", "verdelago": "Verdelago",
}  # fmt: skip
MARKETS = {"kaufwelt-de": "Kaufwelt DE", "kaufwelt-fr": "Kaufwelt FR", "bazario-it": "Bazario IT"}
KINDS = {"feed": "price feed", "stock": "stock sync", "orders": "order import"}
NO_PROOF = (
    "failed", "partial", "running", "queued", "negated", "zero", "short", "stale", "future",
    "relative", "neighbour", "wrong_retailer", "wrong_market", "staging", "errors", "icon",
    "newest_failed",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """One run of one job, as a page shows it."""

    job: str
    name: str
    retailer: str
    marketplace: str
    state: str
    status: str
    started: str
    finished: str
    items: str
    errors: str
    run: str


@dataclass(frozen=True, slots=True)
class Scene:
    """A page to be drawn, and the question put to its picture."""

    key: str
    look: str
    language: str
    dark: bool
    scale: int
    state: str
    proves: bool
    mine: tuple[Row, ...]  # newest first
    others: tuple[Row, ...]
    next_run: str
    banner: str
    question: Question
    salt: int


def scenes(
    looks: tuple[str, ...], each: int, seed: int, counting: frozenset[str]
) -> Iterator[Scene]:
    """Give scenes for every look, two in five of them proofs; `counting` looks show errors."""
    for look in looks:
        dice = random.Random(f"{seed}:{look}")
        states = [s for s in NO_PROOF for _ in range(1)]
        dice.shuffle(states)
        for number in range(each):
            language = LANGUAGES[number % len(LANGUAGES)]
            state = "success" if number % 5 < 2 else states[number % len(states)]  # noqa: PLR2004
            if state == "errors" and look not in counting:
                state = "partial"  # the page could not show them
            yield _scene(look, language, state, number, dice)


def _scene(look: str, language: str, state: str, number: int, dice: random.Random) -> Scene:
    zone = dice.choice(("UTC", "Europe/Berlin", "Europe/Lisbon", "America/New_York"))
    received = datetime(2026, dice.randint(1, 11), dice.randint(1, 28), 16, 0, tzinfo=UTC)
    received -= timedelta(minutes=dice.randint(0, 500))
    finish = received - timedelta(minutes=dice.randint(12, 90))
    after = finish - timedelta(hours=dice.randint(3, 60))
    style = dice.choice(STYLES)
    mine = _job(dice)
    wrong = {"stale": after - timedelta(hours=2), "future": received + timedelta(days=1)}
    time = wrong.get(state, finish)
    shown = (
        dice.choice(RELATIVE[language])
        if state == "relative"
        else stamp(time, style, language, zone)
    )
    row = _row(
        mine,
        _said(state, language, dice),
        shown,
        stamp(time - timedelta(seconds=dice.randint(40, 900)), style, language, zone),
        dice,
        state,
    )
    rows = _runs(row, after, (style, language, zone), dice)
    if state == "newest_failed":
        failing = _said("failed", language, dice)
        rows = (replace(row, state="failed", status=failing, run="run-98"), *rows)
    others = _others(mine, state, (style, language, zone), finish, dice)
    return Scene(
        key=f"{look}-{number:03}-{state}-{language}",
        look=look,
        language=language,
        dark=dice.random() < 0.3,  # noqa: PLR2004
        scale=2 if dice.random() < 0.2 else 1,  # noqa: PLR2004
        state=state,
        proves=state == "success",
        mine=rows,
        others=others,
        next_run=stamp(received + timedelta(hours=3), style, language, zone),
        banner=dice.choice(("STAGING", "Test environment", "Sandbox"))
        if state == "staging"
        else "",
        question=_question(mine, state, others, (after, received), zone, style),
        salt=dice.randint(0, 10**6),
    )


def _job(dice: random.Random) -> tuple[str, str, str, str]:
    """Give id, name, retailer and marketplace of a job."""
    retailer, market = dice.choice(list(RETAILERS)), dice.choice(list(MARKETS))
    kind, number = dice.choice(list(KINDS)), dice.randint(10, 99)
    if dice.random() < 0.5:  # noqa: PLR2004
        return (
            f"{kind}-{retailer}-{market}",
            f"{RETAILERS[retailer]} {KINDS[kind]}",
            retailer,
            market,
        )
    return (
        f"{kind}_{retailer.replace('-', '_')}_{number}",
        f"{KINDS[kind].title()} {number}",
        retailer,
        market,
    )


def _row(
    job: tuple[str, str, str, str],
    said: str,
    finished: str,
    started: str,
    dice: random.Random,
    state: str,
) -> Row:
    items = "0" if state == "zero" else str(dice.randint(100, 9000))
    name, retailer, market = job[1], job[2], job[3]
    return Row(
        job=job[0], name=name, retailer=RETAILERS[retailer], marketplace=MARKETS[market],
        state=state, status=said, started=started,
        finished="-" if state in ("running", "queued") else finished,
        items=items, errors=str(dice.randint(2, 400)) if state == "errors" else "0",
        run=f"run-{dice.randint(40, 90)}",
    )  # fmt: skip


def _said(state: str, language: str, dice: random.Random) -> str:
    if state in ("zero", "short"):
        total = dice.randint(40, 900)
        done = 0 if state == "zero" else total - dice.randint(1, 30)
        return dice.choice(COUNTED[language]).format(n=done, m=total)
    if state == "icon":
        return ""
    if state == "neighbour":
        state = "failed"
    return dice.choice(STATUS[state if state in STATUS else "success"][language])


def _runs(
    row: Row, after: datetime, how: tuple[str, str, str], dice: random.Random
) -> tuple[Row, ...]:
    older = []
    for back in range(2):
        time = after - timedelta(hours=6 * back)
        state = ("failed", "success")[back]
        older.append(replace(
            row, state=state, status=dice.choice(STATUS[state][how[1]]), finished=stamp(time, *how),
            started=stamp(time - timedelta(minutes=3), *how), errors="0", items="310",
            run=f"run-{38 - back}",
        ))  # fmt: skip
    return (row, *older)


def _others(
    mine: tuple[str, str, str, str],
    state: str,
    how: tuple[str, str, str],
    finish: datetime,
    dice: random.Random,
) -> tuple[Row, ...]:
    found: dict[str, Row] = {}
    while len(found) < 5:  # noqa: PLR2004
        job = _job(dice)
        if job[0] == mine[0] or job[1] == mine[1]:
            continue
        kind = "success" if state == "neighbour" else dice.choice(("success", "success", "failed"))
        time = finish - timedelta(minutes=dice.randint(1, 300))
        found[job[0]] = _row(
            job, _said(kind, how[1], dice), stamp(time, *how),
            stamp(time - timedelta(minutes=2), *how), dice, kind,
        )  # fmt: skip
    return tuple(found.values())


def _question(
    mine: tuple[str, str, str, str],
    state: str,
    others: tuple[Row, ...],
    times: tuple[datetime, datetime],
    zone: str,
    style: str,
) -> Question:
    retailer, market = mine[2], mine[3]
    if state == "wrong_retailer":
        retailer = next(r for r in RETAILERS if r != retailer and r not in mine[0])
    if state == "wrong_market":
        market = next(m for m in MARKETS if m != market)
    names = {name for row in others for name in (row.job, row.name)}
    return Question(
        subject=Subject.REPAIR, job=mine[0], job_name=mine[1], retailer=retailer,
        retailer_name=RETAILERS[retailer], marketplace=market,
        other_jobs=tuple(sorted(names - {mine[0], mine[1]})), after=times[0], received_at=times[1],
        zone=zone, day_first=not style.startswith("us"),
    )  # fmt: skip


STYLES = (
    "iso", "isoz", "dots", "slashes", "us", "month", "us_month", "dashes", "isot", "year_slashes",
)  # fmt: skip


def stamp(moment: datetime, style: str, language: str, zone: str) -> str:
    """Write a time as pages do, in the zone of the page."""
    t = moment.astimezone(UTC if style == "isoz" else ZoneInfo(zone))
    month = MONTHS[language][t.month - 1]
    match style:
        case "iso":
            return f"{t:%Y-%m-%d %H:%M:%S}"
        case "isoz":
            return f"{t:%Y-%m-%dT%H:%M:%SZ}"
        case "isot":
            return f"{t:%Y-%m-%dT%H:%M:%S}{t:%z}"[:-2] + ":" + f"{t:%z}"[-2:]
        case "dots":
            return f"{t:%d.%m.%Y %H:%M}"
        case "slashes":
            return f"{t:%d/%m/%Y %H:%M:%S}"
        case "year_slashes":
            return f"{t:%Y/%m/%d %H:%M}"
        case "dashes":
            return f"{t:%d-%m-%Y %H:%M}"
        case "us":
            return f"{t.month}/{t.day}/{t.year} {t:%I:%M %p}".replace(" 0", " ")
        case "month":
            return f"{t.day} {month} {t.year} {t:%H:%M}"
        case _:
            return f"{MONTHS['en'][t.month - 1][:3]} {t.day}, {t.year}, {t:%I:%M:%S %p}"
