"""One mail from the server, whole or, when it is too large, its headers."""

import time
from datetime import UTC, datetime

from imapclient import IMAPClient

from mailflow.settings.mail import InboxSettings
from mailflow.workflow.ports import IncomingMail

_HEADER_BYTES = 262_144  # of a mail that is too large to fetch


def fetch_mail(
    client: IMAPClient, settings: InboxSettings, uidvalidity: int, wanted: tuple[int, int]
) -> IncomingMail | None:
    """Fetch the mail with this UID and size from the open folder; None when it is gone.

    Raises:
        OSError: the server lists it but does not hand it out.
    """
    uid, size = wanted
    truncated = size > settings.max_bytes
    part = f"BODY.PEEK[HEADER]<0.{_HEADER_BYTES}>" if truncated else "BODY.PEEK[]"
    answer = client.fetch([uid], [part, "INTERNALDATE"]).get(uid, {})
    raw = next((v for k, v in answer.items() if k.startswith(b"BODY[")), None)
    if raw is None:
        if client.search(["UID", str(uid)]):
            raise OSError(f"the server lists mail {uid} but does not hand it out")
        return None
    arrived = answer.get(b"INTERNALDATE") or datetime.fromtimestamp(time.time(), UTC)
    return IncomingMail(
        folder=settings.folder,
        uidvalidity=uidvalidity,
        uid=uid,
        raw=raw,
        received_at=arrived.astimezone(UTC),
        truncated=truncated,
    )
