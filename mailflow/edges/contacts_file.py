"""The contact directory as a CSV file."""

import csv
import re
from pathlib import Path
from zoneinfo import available_timezones

from mailflow.tickets.errors import MailflowError
from mailflow.workflow.records import Contact, Retailer

_NEEDED = ("retailer", "name", "contact")
_ADDRESS = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+")
_YES = frozenset({"", "yes", "true", "1"})


class BadContacts(MailflowError):  # noqa: N818 - named as the file is
    """The file has faults; nothing of it was imported."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


def read_contacts(file: Path) -> list[Retailer]:
    """Read retailers, a line a contact.

    Raises:
        BadContacts: with every fault of the file, each with its line.
    """
    try:
        with file.open(newline="", encoding="utf-8-sig") as stream:
            rows = list(csv.DictReader(stream))
    except (OSError, UnicodeDecodeError, csv.Error) as trouble:
        raise BadContacts([f"{file} cannot be read: {trouble}"]) from trouble
    faults: list[str] = []
    retailers: dict[str, Retailer] = {}
    for number, row in enumerate(rows, start=2):
        cells = {str(k).strip().lower(): (v or "").strip() for k, v in row.items()}
        wrong = list(_faults(cells))
        faults += [f"{file}, line {number}: {fault}" for fault in wrong]
        if not wrong:
            _add(retailers, cells)
    if not rows:
        faults.append(f"{file} holds no retailer; its first line must be the column names")
    if faults:
        raise BadContacts(faults)
    return list(retailers.values())


def _faults(cells: dict[str, str]) -> list[str]:
    found = [f"the column {name!r} is empty; fill it in" for name in _NEEDED if not cells.get(name)]
    contact = cells.get("contact", "")
    if contact and not _ADDRESS.fullmatch(contact):
        found.append(f"{contact!r} is no address; write one such as ops@retailer.example")
    zone = cells.get("zone") or "UTC"
    if zone not in available_timezones():
        found.append(f"{zone!r} is no IANA time zone; write one such as Europe/Berlin")
    return found


def _add(retailers: dict[str, Retailer], cells: dict[str, str]) -> None:
    language = re.split(r"[-_]", cells.get("language") or "en")[0].lower()  # "fr-CH" is French
    contact = Contact(
        address=cells["contact"].lower(),
        name=cells.get("contact_name", ""),
        language=language,
        may_confirm_change=cells.get("may_confirm_change", "").lower() in _YES,
        may_confirm_removal=cells.get("may_confirm_removal", "").lower() in _YES,
    )
    known = retailers.get(cells["retailer"])
    retailers[cells["retailer"]] = Retailer(
        id=cells["retailer"],
        name=cells["name"],
        language=language,
        zone=cells.get("zone") or "UTC",
        contacts=(*(known.contacts if known else ()), contact),
    )
