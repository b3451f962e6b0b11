"""What `mailflow explain` prints."""

from typing import Any

from mailflow.workflow.desk import Desk
from mailflow.workflow.interpreting import understand


def explain_mail(desk: Desk, raw: bytes) -> dict[str, Any]:
    """Say what a mail means; looks only.

    Raises:
        GiveUp: it cannot be parsed within the limits.
    """
    message = desk.parser.parse(raw)
    with desk.memory.read() as uow:
        meaning = understand(uow, desk, message)
    failures = meaning.alert.failures if meaning.alert else ()
    return {
        "kind": meaning.kind.value,
        "because": meaning.because,
        "sender": meaning.sender.address,
        "authenticated": meaning.sender.authenticity.value,
        "authenticated_because": meaning.sender.because,
        "ticket": meaning.attribution.ticket,
        "ticket_because": meaning.attribution.because,
        "failures": [
            {"job": f.job, "retailer": f.retailer, "marketplace": f.marketplace}
            | {"kind": f.kind.value, "cause": f.cause.value, "error": f.error_text}
            for f in failures
        ],
        "reply_text": meaning.text.own,
        "attachments": [
            {"name": a.filename, "type": a.content_type, "bytes": len(a.content)}
            for a in message.attachments
        ],
    }
