"""Readings built by hand: a page as rows of text, one box a cell."""

from dataclasses import replace
from datetime import UTC, datetime

from mailflow.evidence.reading import Box, Reading, Words
from mailflow.evidence.verdict import Question
from mailflow.tickets.ticket import Subject

HEADS = ("Job ID", "Name", "Retailer", "Marketplace", "Status", "Finished at")
MINE = ("feed-nordhaus-de", "Nordhaus price feed", "nordhaus", "Kaufwelt DE")
OTHER = ("feed-nordhaus-fr", "Nordhaus price feed FR", "nordhaus", "Kaufwelt FR")
STRANGER = ("sync-alpenrad-de", "Alpenrad stock sync", "alpenrad", "Kaufwelt DE")
GOOD = ("Succeeded", "2026-03-10 09:14:05 UTC")
RUN_HEADS = ("Run", "Status", "Started", "Finished", "Items")
NEW_RUN = ("run-42", "Succeeded", "2026-03-10 09:12:00 UTC", "2026-03-10 09:14:05 UTC", "4120")
OLD_RUN = ("run-41", "Failed", "2026-03-10 07:58:00 UTC", "2026-03-10 08:00:00 UTC", "0")
FACTS = (
    ("Nordhaus price feed",),
    ("Job ID", "feed-nordhaus-de"),
    ("Retailer", "nordhaus"),
    ("Marketplace", "Kaufwelt DE"),
    ("State", "Active"),
)

REPAIR = Question(
    subject=Subject.REPAIR,
    job="feed-nordhaus-de",
    job_name="Nordhaus price feed",
    retailer="nordhaus",
    retailer_name="Nordhaus Moebel",
    marketplace="kaufwelt-de",
    other_jobs=(
        "feed-nordhaus-fr",
        "Nordhaus price feed FR",
        "sync-alpenrad-de",
        "Alpenrad stock sync",
        "feed-nordhaus-outlet-de",
    ),
    after=datetime(2026, 3, 10, 8, 30, tzinfo=UTC),
    received_at=datetime(2026, 3, 10, 9, 40, tzinfo=UTC),
    zone="UTC",
)
REMOVAL = replace(REPAIR, subject=Subject.REMOVAL)
GENERIC = replace(
    REPAIR,
    job="orders_46",
    job_name="Order import 46",
    other_jobs=("orders_47", "Order import 47", "orders_48", "Order import 48"),
)


def page(*rows: tuple[str, ...], height: float = 26, confidence: float = 0.99) -> Reading:
    """Lay rows out on a grid, 240 pixels a column and 36 a row; "" leaves a place empty."""
    words = tuple(
        Words(
            text=text,
            box=Box(
                left=20 + 240 * column,
                top=20 + 36 * index,
                right=20 + 240 * column + 10 * min(len(text), 22),
                bottom=20 + 36 * index + height,
            ),
            confidence=confidence,
        )
        for index, row in enumerate(rows)
        for column, text in enumerate(row)
        if text
    )
    return Reading(
        sha256="a" * 64,
        pixels_sha256="b" * 64,
        fingerprint="0" * 16,
        width=1480,
        height=800,
        words=words,
    )


def placed(*lines: tuple[int, int, str]) -> Reading:
    """Put lines at places of their own: left, top, text; letters 26 high and 10 wide."""
    words = tuple(
        Words(
            text=text,
            box=Box(left=left, top=top, right=left + 10 * len(text), bottom=top + 26),
            confidence=0.99,
        )
        for left, top, text in lines
    )
    return replace(page(("x",)), words=words)


def column(left: int, top: int, *texts: str) -> tuple[tuple[int, int, str], ...]:
    return tuple((left, top + 36 * i, text) for i, text in enumerate(texts))
