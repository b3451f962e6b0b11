"""How mail programs introduce a quoted or forwarded mail, in eleven languages."""

import re
from collections.abc import Sequence
from enum import StrEnum


class Field(StrEnum):
    """A line of the header block that stands above a quoted mail."""

    SENDER = "sender"
    DATE = "date"
    TO = "to"
    SUBJECT = "subject"


_WORDS = {
    Field.SENDER: "from|von|de|expéditeur|da|van|od|från|fra|remitente|nadawca|lähettäjä|от",
    Field.DATE: "sent|date|gesendet(?: am)?|datum|envoyé(?: le)?|enviado(?: el| em)?|enviada em"
    "|fecha|inviato(?: il)?|data|data/hora|verzonden|skickat|sendt|dato|wysłano|wysłane|дата",
    Field.TO: "to|an|à|pour|copie à|para|a|aan|till|til|do|cc|kopie|copie|copia|kopia|dw|udw|bcc"
    "|reply-to|antwort an|кому",
    Field.SUBJECT: "subject|betreff|objet|sujet|asunto|oggetto|onderwerp|ämne|emne|temat|assunto"
    "|тема",
}
_FIELDS = {
    kind: re.compile(
        rf"[\s>*_]{{0,8}}(?:{words})[ \u00a0]?\*{{0,2}}[ \u00a0]?:\*{{0,2}}(?:\s+|$)(.*)",
        re.IGNORECASE,
    )
    for kind, words in _WORDS.items()
}
_NEEDED = 3  # of the four fields; fewer could be anybody's list
_BLOCK_LINES = 12

MARKER = re.compile(r"##- ?.{1,200} ?-##")
_SEPARATOR = re.compile(
    r"[\s>*_]{0,6}(?:"
    r"[-_=]{2,}\s{0,3}(?:original message|original appointment|ursprüngliche (?:nachricht|mail)"
    r"|originalnachricht|message d'origine|message original|mensaje original|messaggio originale"
    r"|oorspronkelijk bericht|originalmeddelande|wiadomość oryginalna|mensagem original"
    r"|forwarded message|forwarded by|weitergeleitete nachricht|message transféré"
    r"|mensaje reenviado|messaggio inoltrato|doorgestuurd bericht|wiadomość przekazana"
    r"|przekazana wiadomość|mensagem (?:encaminhada|reencaminhada)|reply message)\b.{0,80}"
    r"|(?:begin forwarded message|anfang der weitergeleiteten nachricht"
    r"|début du message (?:réexpédié|transféré)|inicio del mensaje reenviado"
    r"|inizio messaggio inoltrato|begin doorgestuurd bericht"
    r"|początek przekazywanej wiadomości|início da mensagem reencaminhada)\s?:?)\s*$",
    re.IGNORECASE,
)
_FORWARD_WORDS = re.compile(
    r"forward|weitergeleitet|transféré|réexpédié|reenviado|inoltrat|doorgestuurd|przekaz"
    r"|encaminhada",
    re.IGNORECASE,
)
_VERB = re.compile(
    r"\b(?:wrote|writes|schrieb(?:en)?|a écrit|escribió|ha scritto|schreef|geschreven|escreveu"
    r"|skrev|napisał\(?a?\)?|pisze|kirjoitti|написала?|написав|пишет|пише)\b",
    re.IGNORECASE,
)
_INTRO_START = re.compile(
    r"[\s>]{0,6}(?:on|am|le|el|il|op|em|den|a|w dniu|dnia|pon|wt|śr|czw|pt|sob|niedz"
    r"|\d{1,4}[./-]|\d{1,2} [^\W\d]{2,9}\.? \d{4}\b|[^\W\d]{5,12}, \d{1,2} [^\W\d]{2,9} \d{4}\b"
    r"|\"?.{1,80}<[^<>\s]{1,200}>|\S.{0,60}\b(?:wrote|schrieb)\b)",
    re.IGNORECASE,
)
_DATED_INTRO = re.compile(r"\d{4}[-/]\d{1,2}[-/]\d{1,2}\b[^<]{0,200}<[^<>]{1,200}@[^<>]{1,200}>:?$")
_DATE_OR_ADDRESS = re.compile(r"[\d<@]")
_MAX_INTRO = 400
_INTRO_LINES = 4


def field_of(line: str) -> tuple[Field, str] | None:
    """Tell which header field a line is, with its value; None for any other line."""
    head = line[:1000]
    for kind, pattern in _FIELDS.items():
        if match := pattern.match(head):
            return kind, match[1].strip(" *")
    return None


def header_block(lines: Sequence[str], start: int) -> tuple[int, dict[Field, str]] | None:
    """Read a header block that starts at a line: From, a date, and one field more.

    Gives the line behind it and the fields; None where there is none. Long recipient lists may
    run over several lines.
    """
    first = field_of(lines[start])
    if first is None or first[0] is Field.TO:
        return None
    fields: dict[Field, str] = {}
    last = start
    for place in range(start, min(start + _BLOCK_LINES, len(lines))):
        if not lines[place].strip(" >"):
            if fields and len(fields) >= _NEEDED:
                break
            continue
        if found := field_of(lines[place]):
            fields.setdefault(*found)
            last = place
        elif place - last > 1:
            break
    if len(fields) < _NEEDED or not {Field.SENDER, Field.DATE} <= fields.keys():
        return None
    return last + 1, fields


def is_separator(line: str) -> bool:
    return len(line) <= _MAX_INTRO and _SEPARATOR.match(line) is not None


def is_forward_separator(line: str) -> bool:
    return is_separator(line) and _FORWARD_WORDS.search(line) is not None


def intro_lines(lines: Sequence[str], start: int) -> int:
    """Count the lines of an introduction such as "On ... wrote:"; 0 where none starts here."""
    first = lines[start][:_MAX_INTRO]
    # Many a sentence begins with "On" or "Am": an introduction names a date or an address at once.
    if not _INTRO_START.match(first) or not _DATE_OR_ADDRESS.search(first):
        return 0
    joined = ""
    for place in range(start, min(start + _INTRO_LINES, len(lines))):
        if not lines[place].strip(" >"):
            return 0
        joined = f"{joined} {lines[place].lstrip(' >')}".strip()
        if len(joined) > _MAX_INTRO:
            return 0
        if _DATED_INTRO.match(joined):
            return place - start + 1
        if joined.endswith(":") and _VERB.search(joined) and re.search(r"\d{2}|@", joined):
            return place - start + 1
    return 0
