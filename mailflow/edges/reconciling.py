"""Compares what lies on the server with what is kept. Looks only, changes nothing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from hashlib import sha256

from imapclient import IMAPClient

from mailflow.edges.imap_fetch import fetch_mail
from mailflow.edges.imap_session import TROUBLE, LoginRefused, session
from mailflow.edges.putting_away import DONE, PuttingAway, possible_way
from mailflow.edges.tokens import TokenSource
from mailflow.settings.mail import InboxSettings
from mailflow.tickets.errors import GiveUp, TryAgainLater
from mailflow.understanding.identity import message_id_of
from mailflow.workflow.memory import Memory

_WINDOW = 5_000  # UIDs in one SEARCH: an answer of more than 1 MB breaks imaplib
_BATCH = 500  # mails asked for in one FETCH
_ID = b"BODY[HEADER.FIELDS (MESSAGE-ID)]"


class Lack(StrEnum):
    """What is wrong with a mail."""

    NOT_KEPT = "not_kept"  # on the server, unknown to the memory
    UNHANDLED = "unhandled"  # kept, but nothing was made of it yet
    NOT_PUT_AWAY = "not_put_away"  # handled, but still in the watched folder as if it were new


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One mail about which server and memory do not agree."""

    lack: Lack
    folder: str = ""  # "" for a mail that is looked at in the memory only
    uid: int = 0
    mail: int = 0  # its number in the memory, where that is known


def differences(
    settings: InboxSettings, memory: Memory, *, since: date, tokens: TokenSource | None = None
) -> list[Difference]:
    """Look through the watched folder, the folder of processed mails, and the memory.

    `since` is the day from which processed mails are looked at: there may be years of them.

    Raises:
        TryAgainLater: the server or the database cannot be asked; the reason says why.
    """
    try:
        with session(settings, tokens) as client:
            found = [*_in_the_watched_folder(client, settings, memory)]
            if settings.processed_folder and client.folder_exists(settings.processed_folder):
                found += _among_the_processed(client, settings, memory, since)
    except (*TROUBLE, LoginRefused, GiveUp) as problem:
        where = f"{settings.host}:{settings.port}"
        raise TryAgainLater(f"inbox: {where}: {type(problem).__name__}: {problem}") from problem
    return found + list(_unhandled(memory))


def _unhandled(memory: Memory) -> Iterator[Difference]:
    with memory.read() as uow:
        for mail in uow.mails.unhandled(_WINDOW):
            yield Difference(lack=Lack.UNHANDLED, mail=mail)


def _in_the_watched_folder(
    client: IMAPClient, settings: InboxSettings, memory: Memory
) -> Iterator[Difference]:
    way = possible_way(client, settings)
    opened = client.select_folder(settings.folder, readonly=True)
    uidvalidity = opened[b"UIDVALIDITY"]
    for uids in _windows(client, opened, []):
        with memory.read() as uow:
            known = uow.mails.at_places(settings.folder, uidvalidity, uids)
        for uid in [uid for uid in uids if uid not in known]:
            if not _is_kept(client, settings, memory, (uidvalidity, uid)):
                yield Difference(lack=Lack.NOT_KEPT, folder=settings.folder, uid=uid)
        handled = [uid for uid in uids if known.get(uid)]
        for uid in _not_put_away(client, way, handled):
            yield Difference(lack=Lack.NOT_PUT_AWAY, folder=settings.folder, uid=uid)


def _not_put_away(client: IMAPClient, way: PuttingAway, uids: Sequence[int]) -> Iterator[int]:
    match way:
        case PuttingAway.MOVE | PuttingAway.COPY:
            yield from uids
        case PuttingAway.MARK:
            for at in range(0, len(uids), _BATCH):
                flags = client.get_flags(uids[at : at + _BATCH])
                yield from (uid for uid, given in flags.items() if DONE not in given)
        case PuttingAway.NOTHING:
            return  # the server can do neither: only the memory tells


def _is_kept(
    client: IMAPClient, settings: InboxSettings, memory: Memory, place: tuple[int, int]
) -> bool:
    """Tell whether a mail at an unknown place is known by its content: moved back, or a new UID."""
    uidvalidity, uid = place
    size = client.fetch([uid], ["RFC822.SIZE"]).get(uid, {}).get(b"RFC822.SIZE")
    mail = fetch_mail(client, settings, uidvalidity, (uid, size)) if size is not None else None
    if mail is None:
        return True  # gone meanwhile: a running daemon has put it away
    with memory.read() as uow:
        return uow.mails.holds(message_id_of(mail.raw), sha256(mail.raw).hexdigest())


def _among_the_processed(
    client: IMAPClient, settings: InboxSettings, memory: Memory, since: date
) -> Iterator[Difference]:
    """Find mails that somebody moved there before mailflow had seen them."""
    folder = settings.processed_folder
    opened = client.select_folder(folder, readonly=True)
    there = settings.model_copy(update={"folder": folder})
    for uids in _windows(client, opened, ["SINCE", since]):
        for at in range(0, len(uids), _BATCH):
            heads = client.fetch(uids[at : at + _BATCH], ["BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)]"])
            with memory.read() as uow:
                doubtful = [
                    uid
                    for uid, head in heads.items()
                    if not (own := message_id_of(head.get(_ID) or b"")) or not uow.mails.holds(own)
                ]
            for uid in doubtful:
                if not _is_kept(client, there, memory, (opened[b"UIDVALIDITY"], uid)):
                    yield Difference(lack=Lack.NOT_KEPT, folder=folder, uid=uid)


def _windows(
    client: IMAPClient, opened: dict[bytes, int], also: list[object]
) -> Iterator[list[int]]:
    """Give the UIDs of the open folder, a window at a time."""
    few = opened.get(b"EXISTS", 0) <= _WINDOW
    following = opened.get(b"UIDNEXT", 1)
    if few:
        found = sorted(client.search(["ALL", *also]))
        if found:
            yield found
        return
    for start in range(1, following, _WINDOW):
        found = sorted(client.search(["UID", f"{start}:{start + _WINDOW - 1}", *also]))
        if found:
            yield found
