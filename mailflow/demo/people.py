"""Who is on the stage, and the mail that each of them gets."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from email import message_from_bytes, policy

from imapclient import IMAPClient

BOX = "integrations@mailflow.test"
STAFF = "desk@staff.mailflow.test"
JSON_ALERTS = "api@alerts.mailflow.test"
LINE_ALERTS = "jobs@alerts.mailflow.test"
TABLE_ALERTS = "digest@alerts.mailflow.test"
_LOOK_SECONDS = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """A retailer with one contact."""

    account: str
    name: str
    language: str
    address: str


SHOPS = (
    Shop(account="north", name="North Shop", language="en", address="ops@north.example"),
    Shop(account="south", name="Laden Süd", language="de", address="technik@south.example"),
    Shop(account="east", name="Comptoir Est", language="fr", address="it@east.example"),
    Shop(account="west", name="Casa Oeste", language="es", address="it@west.example"),
)
SHOP = SHOPS[0].address
PEOPLE: Mapping[str, str] = {
    person: person.partition("@")[0]  # the password, on a server that only this machine reaches
    for person in (
        BOX,
        STAFF,
        JSON_ALERTS,
        LINE_ALERTS,
        TABLE_ALERTS,
        *(shop.address for shop in SHOPS),
    )
}


@dataclass(frozen=True, slots=True)
class Received:
    """A mail that somebody on the stage got."""

    raw: bytes = field(repr=False)
    message_id: str
    reply_to: str
    subject: str

    def quoted(self) -> str:
        """Give its text as mail programs set it below an answer."""
        body = message_from_bytes(self.raw, policy=policy.default).get_body(("plain",))
        assert body is not None
        return "\n".join(f"> {line}" for line in body.get_content().splitlines())


def received(raw: bytes) -> Received:
    mail = message_from_bytes(raw, policy=policy.default)
    return Received(raw, str(mail["Message-ID"]), str(mail["Reply-To"]), str(mail["Subject"]))


class Postman:
    """Looks into everybody's inbox again and again, so that each story need not."""

    def __init__(self, imap_port: int, people: Mapping[str, str]) -> None:
        self._port = imap_port
        self._people = people
        self._over = threading.Event()
        self._mails: dict[str, dict[int, Received]] = {person: {} for person in people}
        self._thread = threading.Thread(target=self._walk, name="postman", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        self._thread.join(10)

    def mails_of(self, person: str) -> list[Received]:
        """Give what lay in the inbox at the latest look, oldest first."""
        return [mail for _, mail in sorted(self._mails[person].items())]

    def _walk(self) -> None:
        clients = {}
        for person, password in self._people.items():
            client = IMAPClient("127.0.0.1", self._port, ssl=False)
            client.login(person, password)
            client.select_folder("INBOX", readonly=True)
            clients[person] = client
        while not self._over.wait(_LOOK_SECONDS):
            for person, client in clients.items():
                self._look(person, client)
        for client in clients.values():
            client.logout()

    def _look(self, person: str, client: IMAPClient) -> None:
        client.noop()
        known = self._mails[person]
        new = [uid for uid in client.search(["ALL"]) if uid not in known]
        if new:
            fetched = client.fetch(new, ["BODY.PEEK[]"])
            known.update({uid: received(part[b"BODY[]"]) for uid, part in fetched.items()})
