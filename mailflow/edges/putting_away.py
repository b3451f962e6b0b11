"""What becomes of a kept mail on the server: moved, marked, or left where it is."""

from contextlib import suppress
from enum import StrEnum

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientReadOnlyError

from mailflow.edges.imap_session import ensure_folder
from mailflow.settings.mail import AfterHandling, InboxSettings

DONE = b"$MailflowDone"
_SEEN = b"\\Seen"
_DELETED = b"\\Deleted"


class PuttingAway(StrEnum):
    """The ways to put a mail away, by what the server can do."""

    MOVE = "move"
    COPY = "copy"  # COPY, then UID EXPUNGE of exactly these: never what someone else deleted
    MARK = "mark"  # keyword $MailflowDone
    NOTHING = "nothing"  # at best \Seen, which people set too: the highest UID kept must tell

    @property
    def still_to_do(self) -> tuple[str, ...]:
        """Search keys of the mails that are not put away."""
        if self is PuttingAway.MARK:
            return ("UNKEYWORD", DONE.decode())
        return ()

    def put_away(self, client: IMAPClient, uids: list[int], folder: str) -> None:
        """Put mails away; `folder` is where moved ones go. Repeating it is harmless."""
        match self:
            case PuttingAway.MOVE:
                client.move(uids, folder)
            case PuttingAway.COPY:
                client.copy(uids, folder)
                client.add_flags(uids, [_DELETED], silent=True)
                client.uid_expunge(uids)
            case PuttingAway.MARK:
                client.add_flags(uids, [DONE, _SEEN], silent=True)
            case PuttingAway.NOTHING:
                with suppress(IMAPClientReadOnlyError):  # a courtesy to people; nothing rests on it
                    client.add_flags(uids, [_SEEN], silent=True)


def possible_way(client: IMAPClient, settings: InboxSettings) -> PuttingAway:
    """Say which is the best way that settings and server allow; nothing is changed."""
    if settings.after_handling is AfterHandling.MOVE:
        if client.has_capability("MOVE"):
            return PuttingAway.MOVE
        if client.has_capability("UIDPLUS"):
            return PuttingAway.COPY
    flags = client.select_folder(settings.folder).get(b"PERMANENTFLAGS", ())
    return PuttingAway.MARK if b"\\*" in flags or DONE in flags else PuttingAway.NOTHING


def chosen_way(client: IMAPClient, settings: InboxSettings) -> PuttingAway:
    """Choose the best way, and make ready for it."""
    way = possible_way(client, settings)
    if way in (PuttingAway.MOVE, PuttingAway.COPY):
        ensure_folder(client, settings.processed_folder)
    return way
