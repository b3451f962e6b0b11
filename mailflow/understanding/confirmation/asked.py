"""What a retailer was asked, as far as the answer has to fit it."""

from dataclasses import dataclass
from enum import StrEnum

from mailflow.tickets.ticket import Cause, Subject


class Topic(StrEnum):
    """What the asked change is about."""

    TOKEN = "token"  # noqa: S105 - a topic, not a secret
    FEED = "feed"
    WEBSITE = "website"
    CONNECTION = "connection"


TOPICS: dict[Cause, Topic] = {
    Cause.TOKEN_EXPIRED: Topic.TOKEN,
    Cause.FEED_FAILED: Topic.FEED,
    Cause.WEBSITE_CHANGED: Topic.WEBSITE,
    Cause.CONNECTION_FAILED: Topic.CONNECTION,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The question of one ticket."""

    ticket: str  # such as "MF-4711"
    marketplace: str
    subject: Subject
    language: str  # ISO 639-1: the language the question was asked in
    all_marketplaces: tuple[str, ...]  # every name in use, so that another one is noticed
    topic: Topic | None = None  # None: whatever was to be changed
