"""What sort of mail it is, before anybody asks what it says."""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass

from mailflow.understanding.meaning import MailKind, SenderVerdict
from mailflow.understanding.message import Message
from mailflow.understanding.returned import FAILED_SUBJECT, reads_as_report

OWN_HEADER = "X-Mailflow"  # stands in every mail that we send

_DAEMON = re.compile(r"(?:mailer-?daemon|mail-?daemon|mdaemon|mailerdaemon)(?:[+._-].*)?@")
_POSTMASTER = re.compile(r"(?:postmaster|bounces?|mail-?delivery(?:-subsystem)?)@")
_AWAY_SUBJECT = re.compile(
    r"\s*(?:\[[^\]]{0,40}\]\s*)?(?:automatic reply|auto(?:matic)?[- ]?(?:reply|response)\b"
    r"|out of (?:the )?office\b|i am away|vacation (?:reply|response|notice)"
    r"|automatische (?:antwort|abwesenheitsnotiz)|abwesenheits(?:notiz|mitteilung|nachricht)"
    r"|abwesenheit\b|abwesend\b|nicht im büro"
    r"|réponse automatique|absence du bureau|absent du bureau|message d'absence"
    r"|respuesta automática|fuera de (?:la )?oficina"
    r"|risposta automatica|fuori (?:sede|ufficio)"
    r"|automatisch antwoord|automatische beantwoording|afwezig\b|niet aanwezig"
    r"|odpowiedź automatyczna|automatyczna odpowiedź|poza biurem|nieobecno\w+"
    r"|resposta automática|fora do escritório|ausência|ausente\b"
    r"|autosvar|automatiskt svar|automatisk svar|frånvaro)",
    re.IGNORECASE,
)
_DELAYED_SUBJECT = re.compile(
    r"\bdelay(?:ed)?\b|warning|postponed|still (?:being )?(?:retr|try)|verzöger|retard"
    r"|retrasad|ritard|vertraag|opóźni|atras",
    re.IGNORECASE,
)
_CHALLENGE_SUBJECT = re.compile(
    r"(?:confirm|verify) (?:that )?(?:your|you are) (?:e-?mail|human|message|sender)"
    r"|sender (?:verification|confirmation) (?:required|requested)|action required to deliver"
    r"|please confirm (?:your|this) (?:e-?mail|message) (?:to|delivery)",
    re.IGNORECASE,
)
_CHALLENGE_HEADERS = ("X-Boxbe-Challenge", "X-Spamarrest-Challenge", "X-TMDA-Confirm")
_STATUS_PARTS = frozenset({"message/delivery-status", "message/global-delivery-status"})
_AUTO_HEADERS = ("X-Autoreply", "X-Autorespond", "X-Autoresponder", "X-AutoReply-From")
_LIST_HEADERS = ("List-Id", "List-Post", "Mailing-List", "X-Mailing-List")
_TICKET_TAG = re.compile(r"\[[A-Z][A-Z0-9]{0,9}-\d{1,12}\]", re.IGNORECASE)
_AUTO_PRECEDENCE = frozenset({"auto_reply", "auto-reply", "autoreply"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Addresses we know, lower case. Alert senders may be a rule instead of a list."""

    our_addresses: Collection[str]
    alert_senders: Collection[str] | Callable[[str], bool]
    staff: Collection[str]
    contacts: Collection[str]

    def sends_alerts(self, address: str) -> bool:
        if not address:
            return False
        if callable(self.alert_senders):
            return self.alert_senders(address)
        return address in self.alert_senders


def classify(message: Message, sender: SenderVerdict, known: Known) -> tuple[MailKind, str]:
    """Give the kind and the reason.

    Whether the From address can be believed is not judged here: `sender.authenticity` says it,
    and whoever acts on the kind must ask.
    """
    address = sender.address
    if because := _own(message, address, known):
        return MailKind.OWN, because
    if found := _report(message):
        return found
    if known.sends_alerts(address):  # alerts are often Auto-Submitted themselves
        return MailKind.ALERT, f"{address} is a listed alert sender"
    if found := _machine(message):
        return found
    listed = _mailing_list(message)
    if listed and not _answers(message, known):
        return MailKind.LIST, listed
    if address and address in known.staff:
        return MailKind.STAFF, f"{address} is staff"
    if address and address in known.contacts:
        return MailKind.REPLY, f"{address} is a contact"
    if reads_as_report(message):
        return _failed_or_delayed(message), "its subject and text report a failed delivery"
    if listed:
        return MailKind.LIST, listed
    return MailKind.STRANGER, f"{address} is not known" if address else sender.because


def _machine(message: Message) -> tuple[MailKind, str] | None:
    if because := _daemon(message):
        return _failed_or_delayed(message), because
    if because := _challenge(message):
        return MailKind.CHALLENGE, because
    if because := _automatic(message):
        if reads_as_report(message):
            return _failed_or_delayed(message), f"{because}, and it reports a failed delivery"
        return MailKind.AUTO_REPLY, because
    if _is_null(message):
        return _failed_or_delayed(message), "null return path"
    return None


def _own(message: Message, address: str, known: Known) -> str:
    domains = {ours.rpartition("@")[2].lower() for ours in known.our_addresses}
    marked = bool(message.header(OWN_HEADER))
    if marked and message.message_id.strip("<>").rpartition("@")[2].lower() in domains:
        return "it carries our own mark and Message-ID"
    if _untagged(address) in known.our_addresses and not (
        known.sends_alerts(address) and not marked
    ):
        return "it comes from our own address"
    return ""


def _untagged(address: str) -> str:
    local, _, domain = address.rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


def _report(message: Message) -> tuple[MailKind, str] | None:
    content_type = message.header("Content-Type").lower()
    if not content_type.startswith("multipart/report"):
        return None
    inner = {attachment.content_type for attachment in message.attachments}
    if "feedback-report" in content_type or "message/feedback-report" in inner:
        return MailKind.FEEDBACK, "a feedback report"
    if "disposition-notification" in content_type:
        return MailKind.RECEIPT, "a read receipt"
    if "delivery-status" in content_type or inner & _STATUS_PARTS:
        return _failed_or_delayed(message), "a delivery status report"
    return None


def _failed_or_delayed(message: Message) -> MailKind:
    if message.failed:
        return MailKind.BOUNCE
    if message.waiting or _DELAYED_SUBJECT.search(message.subject):
        return MailKind.DELAYED
    return MailKind.BOUNCE


def _challenge(message: Message) -> str:
    if any(message.header(name) for name in _CHALLENGE_HEADERS):
        return "it asks us to prove that we are human"
    if message.in_reply_to and _CHALLENGE_SUBJECT.search(message.subject):
        return "its subject asks us to prove that we are human"
    return ""


def _daemon(message: Message) -> str:
    if message.header("X-Failed-Recipients"):
        return "it names failed recipients"
    for sender in message.from_:
        if _DAEMON.match(sender.address):
            return f"it comes from {sender.address}"
        if _POSTMASTER.match(sender.address) and (
            _is_null(message) or FAILED_SUBJECT.search(message.subject)
        ):
            return f"it comes from {sender.address} and reports a failure"
    if _is_null(message) and FAILED_SUBJECT.search(message.subject):
        return "null return path and a subject that reports a failure"
    return ""


def _automatic(message: Message) -> str:
    submitted = message.header("Auto-Submitted").partition(";")[0].strip().lower()
    if submitted and submitted != "no":
        return f"Auto-Submitted: {submitted[:40]}"
    for name in _AUTO_HEADERS:
        if message.header(name).strip().lower() not in {"", "no"}:
            return f"it carries {name}"
    if message.header("Precedence").strip().lower() in _AUTO_PRECEDENCE:
        return "Precedence says auto-reply"
    if message.header("Content-Type").lower().startswith("multipart/report"):
        return "a automatic report"
    if _AWAY_SUBJECT.match(message.subject):
        return "the subject of an out-of-office reply"
    return ""


def _mailing_list(message: Message) -> str:
    for name in _LIST_HEADERS:
        if message.header(name):
            return f"it carries {name}"
    return ""


def _answers(message: Message, known: Known) -> bool:
    """Tell whether it answers some mail, or names a ticket; a company's group is a list as well."""
    if message.in_reply_to or message.references or _TICKET_TAG.search(message.subject):
        return True
    to_us = [one.address for one in (*message.to, *message.cc) if "+" in one.address]
    return any(_untagged(address) in known.our_addresses for address in to_us)


def _is_null(message: Message) -> bool:
    return message.header("Return-Path").replace(" ", "") == "<>"
