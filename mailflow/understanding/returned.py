"""What a delivery report says: which addresses failed or wait, and which mail of ours it is about.

flufl.bounce knows the wordings of several dozen mail servers. It searches texts for them, so it is
asked only about mails that a person hardly wrote.
"""

import re
from email.message import Message as Part

from flufl.bounce import all_failures

from mailflow.understanding.header_text import message_ids
from mailflow.understanding.message import Message

FAILED_SUBJECT = re.compile(
    r"(?:undeliver(?:able|ed)|mail delivery (?:failed|failure|subsystem|system|warning)"
    r"|delivery status|delivery (?:has )?failed|delivery (?:failure|notification|report)"
    r"|returned (?:e?mail|to sender)|failure notice|^mail error$|failed mail\b|non-?delivery"
    r"|message (?:not delivered|undeliverable)|(?:mail|message) delivery error"
    r"|delayed mail|(?:mail|message|delivery) (?:is |has been )?(?:delayed|postponed)"
    r"|could not be delivered|unzustellbar|nicht zustellbar|zustellung fehlgeschlagen"
    r"|unzustellbarkeit|zustellung verzögert|échec de (?:la )?remise|non remis"
    r"|échec de distribution|no se puede entregar|no se pudo entregar|no entregado"
    r"|mancato recapito|mancata consegna|onbestelbaar|niet bezorgd|nie dostarczono"
    r"|niedostarczalne|não entregue|falha na entrega|kan inte levereras|kunne ikke leveres"
    r"|не доставлено|配信不能|無法傳遞)",
    re.IGNORECASE,
)
_DAEMON = re.compile(
    r"(?:mailer-?daemon|mail-?daemon|mdaemon|postmaster|mail-?delivery|mailer\b|ndr\b|bounces?\b)",
    re.IGNORECASE,
)
_TOLD = re.compile(
    r"(?:could not be|cannot be|was not|not been|unable to be|has been postponed|failed to be|"
    r"could not|unable to) (?:be )?(?:deliver|sent)|undeliver|failed recipient|recipient.{0,40}fail"
    r"|returned mail|(?:mailbox|user|address|account|domain|host) (?:is |was )?"
    r"(?:unknown|unavailable|not found|full|disabled)|unknown user|no such user|does not exist"
    r"|\b[45]\.\d{1,2}\.\d{1,3}\b"
    r"|\b5[0-5]\d[ -]|original message follow|mail delivery (?:failed|system)",
    re.IGNORECASE,
)
_MAX_TEXT = 64_000
_ORIGINAL_ID = re.compile(
    r"^[ \t>*]{0,8}message-id[ \t]{0,3}:[ \t\r\n]{0,6}(<[^<>\s]{3,260}>)",
    re.IGNORECASE | re.MULTILINE,
)
_STATUS_PARTS = frozenset({"message/delivery-status", "message/global-delivery-status"})
_HEADER_PARTS = _STATUS_PARTS | {"text/rfc822-headers", "message/rfc822-headers"}
_STATUS = re.compile(r"^status:[ \t]{0,5}(\d)\.(\d{1,3})\.(\d{1,3})", re.IGNORECASE | re.MULTILINE)
_RECIPIENT = re.compile(
    r"^final-recipient:[ \t]{0,5}[\w-]{1,20}[ \t]{0,5};"
    r"[ \t]{0,5}<?([^\s<>;]{1,64}@[^\s<>;]{1,253})",
    re.IGNORECASE | re.MULTILINE,
)
_BETWEEN_RECIPIENTS = re.compile(r"\r?\n[ \t]{0,9}\r?\n")
# RFC 3463: no such mailbox or domain, moved without a new address, takes no mail, disabled. What
# a server refuses for the mail's sake (5.7 policy, 5.6 content, 5.3 size) tells nothing of it.
_GONE = frozenset({(1, 1), (1, 2), (1, 3), (1, 6), (1, 10), (2, 1)})
_TELLS_BY_WORDS = frozenset({0, 1, 4, 5})
_GONE_WORDS = re.compile(
    r"no such (?:user|mailbox|recipient|address|domain)"
    r"|(?:unknown|invalid) (?:user|recipient|mailbox)"
    r"|(?:user|recipient|mailbox|address|account|domain|host) (?:is |was )?"
    r"(?:unknown|not found|not known|invalid|does ?n[o']t exist|no longer exists|disabled)"
    r"|(?:host|domain) or domain name not found|no mailbox here by that name"
    r"|does not have an? [^\n]{0,40}account|\b5\.1\.(?:1|2|3|6|10)\b",
    re.IGNORECASE,
)
_PASSES = re.compile(
    r"mailbox (?:is )?full|over(?: its)? quota|quota exceeded|postfach (?:ist )?voll"
    r"|spam|block(?:ed|list)|black ?list|reputation|policy|rate limit|too large|\b5\.7\.\d",
    re.IGNORECASE,
)
_COPY_BEGINS = re.compile(
    r"^(?:[ \t>]{0,4}(?:return-path|received|message-id|from|date)[ \t]?:|[ \t]{0,4}-{3})",
    re.IGNORECASE | re.MULTILINE,
)
_MAX_IDS = 20


def failed_and_waiting(root: Part) -> tuple[tuple[str, ...], tuple[str, ...], str]:
    """Give the addresses that failed for good, those still tried, and a defect or ""."""
    if not _may_be_report(root):
        return (), (), ""
    try:
        waiting, failed = all_failures(root)
    except Exception as error:  # noqa: BLE001 - dozens of foreign patterns over hostile bytes
        return (), (), f"ReportUnread: {type(error).__name__}"
    return _addresses(failed), _addresses(waiting), ""


def _may_be_report(root: Part) -> bool:
    senders = f"{root.get('Return-Path', '')} {root.get('From', '')} {root.get('Sender', '')}"
    return bool(
        str(root.get("Return-Path", "")).replace(" ", "") == "<>"  # 8-bit values are no str
        or root.get_content_type() == "multipart/report"
        or root.get("X-Failed-Recipients")
        or _DAEMON.search(senders[:2000])
        or FAILED_SUBJECT.search(str(root.get("Subject", ""))[:1000])
    )


def _addresses(found: object) -> tuple[str, ...]:
    raw = found if isinstance(found, (set, frozenset)) else ()
    texts = {one.decode("latin-1").strip().lower() for one in raw if isinstance(one, bytes)}
    return tuple(
        sorted(text for text in texts if re.fullmatch(r"[^\s@<>]{1,64}@[^\s@<>]{1,253}", text))
    )


def reads_as_report(message: Message) -> bool:
    """Tell whether subject and text speak of a failed delivery, in a mail that answers nothing."""
    if message.in_reply_to or message.references or not FAILED_SUBJECT.search(message.subject):
        return False
    return bool(message.failed or message.waiting or _TOLD.search(_all_text(message)))


def _all_text(message: Message) -> str:
    inner = "\n".join(one.text[:4000] for one in message.nested[:2])
    return f"{message.text[:_MAX_TEXT]}\n{inner}"


def dead_addresses(message: Message) -> tuple[str, ...]:
    """Give the failed addresses that are gone for good, as far as the report leaves no doubt.

    A full mailbox may be emptied, and a mail refused for its content or its sender says nothing
    of the address. Where plain words speak of several addresses, nobody knows of which.
    """
    if not message.failed:
        return ()
    reports = [
        attachment.content[:_MAX_TEXT].decode("utf-8", "replace")
        for attachment in message.attachments
        if attachment.content_type in _STATUS_PARTS
    ]
    if reports:
        blocks = [block for text in reports for block in _BETWEEN_RECIPIENTS.split(text)]
        return tuple(dict.fromkeys(gone for block in blocks if (gone := _gone_by(block))))
    words = _COPY_BEGINS.split(message.text[:_MAX_TEXT])[0]
    if len(message.failed) == 1 and _GONE_WORDS.search(words) and not _PASSES.search(words):
        return message.failed
    return ()


def is_gone(code: int, answer: str) -> bool:
    """Tell whether a server's answer to RCPT TO gives the address up for good (RFC 5321, 4.2)."""
    final = 500 <= code < 600  # noqa: PLR2004 - permanent negative replies
    return final and bool(_GONE_WORDS.search(answer)) and not _PASSES.search(answer)


def _gone_by(block: str) -> str:
    """Give the one recipient of a report's block if its status says that it is gone."""
    recipients, statuses = _RECIPIENT.findall(block), _STATUS.findall(block)
    if len(recipients) != 1 or len(statuses) != 1 or statuses[0][0] != "5":
        return ""
    subject, detail = int(statuses[0][1]), int(statuses[0][2])
    known = (subject, detail) in _GONE
    told = subject in _TELLS_BY_WORDS and _GONE_WORDS.search(block) is not None
    if not (known or told) or _PASSES.search(block):
        return ""
    return str(recipients[0]).lower()


def shows(message: Message, address: str) -> bool:
    """Tell whether the report returns a mail with that reply address."""
    wanted = address.lower()
    if any(one.address == wanted for inner in message.nested[:5] for one in inner.reply_to):
        return True
    return any(wanted in text.lower() for text in _returned_texts(message))


def _returned_texts(message: Message) -> list[str]:
    """Give the texts in which a report may show the headers of a mail, besides attached mails."""
    return [
        message.text[:_MAX_TEXT],
        *(
            attachment.content[:_MAX_TEXT].decode("utf-8", "replace")
            for attachment in message.attachments
            if attachment.content_type in _HEADER_PARTS
        ),
    ]


def original_ids(message: Message) -> tuple[str, ...]:
    """Give the Message-IDs of the mails that a report returns, wherever it shows them."""
    ids = [inner.message_id for inner in message.nested[:5]]
    for text in _returned_texts(message):
        ids += message_ids(" ".join(_ORIGINAL_ID.findall(text)), _MAX_IDS)
    return tuple(dict.fromkeys(one for one in ids if one and one != message.message_id))[:_MAX_IDS]
