"""What a retailer was asked, as far as the answer has to fit it."""

from dataclasses import dataclass

from mailflow.tickets.ticket import Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The question of one ticket."""

    ticket: str  # such as "MF-4711"
    marketplace: str
    subject: Subject
    language: str  # ISO 639-1: the language the question was asked in
    all_marketplaces: tuple[str, ...]  # every name in use, so that another one is noticed
