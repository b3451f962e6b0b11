"""What a rule pack is: who sends, what to match, where the failures stand, what they mean."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from zoneinfo import ZoneInfo

from mailflow.tickets.errors import MailflowError
from mailflow.tickets.ticket import Cause, Kind

NEEDED = ("job", "retailer", "marketplace")
FIELDS = (*NEEDED, "job_name", "kind", "error_text", "failed_at")


class Form(StrEnum):
    """How an alert writes its failures down."""

    KEY_VALUE = "key_value"
    REGEX = "regex"
    TABLE = "table"
    JSON = "json"
    CSV = "csv"


class Where(StrEnum):
    """Which part of the mail holds the failures."""

    BODY = "body"
    ATTACHMENT = "attachment"
    EITHER = "either"


@dataclass(frozen=True, slots=True, kw_only=True)
class RulePack:
    """One sort of alert. All field names and key words are in the form that `key_of` gives."""

    name: str
    addresses: frozenset[str]
    domains: frozenset[str]
    subject: re.Pattern[str] | None
    body: re.Pattern[str] | None  # must match one line
    form: Form
    where: Where
    pattern: re.Pattern[str] | None  # only with Form.REGEX: one failure a line, groups are fields
    records: tuple[str, ...]  # only with Form.JSON: path to the list of failures
    fields: Mapping[str, tuple[str, ...]]  # our field -> their names
    defaults: Mapping[str, str]
    kinds: Mapping[str, Kind]  # their word -> our kind
    time_format: str  # "" means ISO 8601
    zone: ZoneInfo  # of times that name none
    causes: tuple[tuple[re.Pattern[str], Cause], ...]  # the first that matches counts

    def lets_send(self, address: str) -> bool:
        address = address.strip().lower()
        return address in self.addresses or address.rpartition("@")[2] in self.domains


@dataclass(frozen=True, slots=True)
class RulePacks:
    """Every rule pack, in the order of their file names."""

    packs: tuple[RulePack, ...] = field(default=())

    def is_sender(self, address: str) -> bool:
        """Tell whether any pack lists the address, or exactly its domain."""
        return any(pack.lets_send(address) for pack in self.packs)

    def of(self, address: str) -> tuple[RulePack, ...]:
        """Give the packs that list the address."""
        return tuple(pack for pack in self.packs if pack.lets_send(address))


@dataclass(frozen=True, slots=True, kw_only=True)
class PackFault:
    """One thing wrong in a rule pack, and what to do about it."""

    file: str
    table: str  # dotted path inside the file, "" for the whole file
    remedy: str

    def __str__(self) -> str:
        return f"{self.file}: {self.table or 'the file'}: {self.remedy}"


class RulePackError(MailflowError):
    """Every fault of every rule pack at once."""

    def __init__(self, faults: tuple[PackFault, ...]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = faults


def key_of(word: str) -> str:
    """Give the form in which key words are compared: "Job-ID " and "job_id" are one."""
    return " ".join(re.split(r"[\s_\-]+", word.strip().casefold())).strip()
