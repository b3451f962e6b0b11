"""Mails written from templates, and a check of the templates themselves.

Facts come from strangers. They are cleaned before a template sees them, so that no fact can add
a line, a header or a tag; templates run in Jinja's sandbox and may use only declared facts.
"""

import hashlib
import re
import textwrap
import traceback
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jinja2
from jinja2.sandbox import ImmutableSandboxedEnvironment

import mailflow
from mailflow.edges.mail_dates import lasting, moment, weekday, zone_named
from mailflow.tickets.errors import GiveUp
from mailflow.workflow.facts import MANY_LINES
from mailflow.workflow.ports import Enclosure, Letter, WrittenMail

PARTS = ("subject.txt", "body.txt", "body.html")
FALLBACK = "en"
MAX_SUBJECT = 140  # characters
MAX_LINE_FACT = 300  # characters of a fact that is one line
MAX_BLOCK_FACT = 1500  # characters of a fact that keeps its lines
MAX_BLOCK_LINES = 30
TEXT_COLUMNS = 78

_NAME = re.compile(r"[a-z][a-z_]*")
_MESSAGE_ID = re.compile(r"<[!-;=?-~]+@[!-;=?-~]+>")
_CONTENT_TYPE = re.compile(r"[a-z]+/[a-z0-9.+-]+")
_TAG = re.compile(r"[A-Za-z0-9-]{1,40}")
_UNSEEN = frozenset(map(chr, (*range(0x200B, 0x200D), *range(0x200E, 0x2010), 0x2060, 0xFEFF)))


def shipped_folder() -> Path:
    """Give the folder of the templates that come with mailflow; `mail/` lies below it."""
    package = Path(mailflow.__file__).parent
    installed = package / "_shipped" / "templates"
    return installed if installed.is_dir() else package.parent / "templates"


class TemplateLetters:
    """Writes letters from the templates below `folder`/mail; None means the shipped ones."""

    def __init__(self, folder: Path | None, mailbox: str, from_name: str) -> None:
        self._folder = (folder or shipped_folder()) / "mail"
        # Read once: a file that is being edited does not change the mails until a reload.
        self._sources = _sources(self._folder)
        self._mailbox = mailbox
        self._from_name = from_name
        self._environments: dict[tuple[str, str], jinja2.Environment] = {}

    def write(self, letter: Letter) -> WrittenMail:
        language = self._language(letter)
        place = f"{letter.template}/{language}"
        environment = self._environment(language, letter.zone)
        facts = {**_tame(letter.facts), "language": language, "zone": letter.zone}
        facts["reply_to"] = letter.reply_to
        title = _line(self._render(environment, f"{place}/subject.txt", facts), MAX_SUBJECT)
        facts["subject"] = title
        text = _tidy(self._render(environment, f"{place}/body.txt", facts))
        html = self._render(environment, f"{place}/body.html", facts).lstrip()
        subject = _subject(letter, title)
        mail = self._compose(letter, subject, text, html)
        return WrittenMail(
            message_id=letter.message_id,
            sender=self._mailbox,
            to=letter.to,
            subject=subject,
            text=text,
            raw=mail.as_bytes(),
        )

    def _language(self, letter: Letter) -> str:
        """Use the reader's language where all three files are there, else English."""
        if not _NAME.fullmatch(letter.template):
            raise GiveUp(f"{letter.template!r} is no name of a template folder")
        for language in (letter.language, FALLBACK):
            place = f"{letter.template}/{language}"
            if all(f"{place}/{part}" in self._sources for part in PARTS):
                return language
        raise GiveUp(
            f"the templates {', '.join(PARTS)} are not all in {letter.template}/{FALLBACK} below "
            f"{self._folder}; copy them from {shipped_folder() / 'mail'}"
        )

    def _environment(self, language: str, zone: str) -> jinja2.Environment:
        key = (language, zone)
        if key not in self._environments:
            loader = jinja2.FunctionLoader(self._source)
            self._environments[key] = environment_with(loader, language, zone)
        return self._environments[key]

    def _source(self, name: str) -> tuple[str, str, Callable[[], bool]] | None:
        text = self._sources.get(name)
        return None if text is None else (text, str(self._folder / name), lambda: True)

    def _render(self, environment: jinja2.Environment, name: str, facts: dict[str, Any]) -> str:
        try:
            return environment.get_template(name).render(facts)
        except Exception as broken:
            raise GiveUp(fault_in(name, broken, self._folder)) from broken

    def _compose(self, letter: Letter, subject: str, text: str, html: str) -> EmailMessage:
        mail = EmailMessage(policy=_POST)
        for name, value in self._headers(letter, subject):
            mail[name] = value
        mail.set_content(text, charset="utf-8", cte="quoted-printable")
        mail.add_alternative(html, subtype="html", charset="utf-8", cte="quoted-printable")
        for enclosure in letter.enclosures:
            _enclose(mail, enclosure)
        for number, part in enumerate(p for p in mail.walk() if p.is_multipart()):
            seed = f"{letter.message_id}/{number}".encode()
            part.set_boundary("=_" + hashlib.sha256(seed).hexdigest()[:40])
        return mail

    def _headers(self, letter: Letter, subject: str) -> Iterator[tuple[str, Any]]:
        if not letter.to:
            raise GiveUp("the letter has no recipient")
        if not _MESSAGE_ID.fullmatch(letter.message_id):
            raise GiveUp(f"{letter.message_id!r} is no Message-ID")
        yield "From", _address(self._mailbox, _line(self._from_name, 100))
        if letter.reply_to:
            yield "Reply-To", _address(letter.reply_to)
        yield "To", [_address(to) for to in letter.to]
        yield "Subject", subject
        yield "Date", letter.sent_at.astimezone(UTC)
        yield "Message-ID", letter.message_id
        references = [r for r in dict.fromkeys(letter.references) if _MESSAGE_ID.fullmatch(r)]
        if references:
            yield "In-Reply-To", references[-1]
            yield "References", " ".join([*references[:1], *references[1:][-20:]])
        yield "Auto-Submitted", "auto-generated"
        yield "X-Auto-Response-Suppress", "All"
        yield "X-Mailflow", "1"
        tickets = _ticket_ids(letter.facts)
        if tickets:
            yield "X-Mailflow-Ticket", " ".join(tickets)


class _Post(EmailPolicy):
    """Writes message ids as they are: the library would encode those longer than a line."""

    def fold_binary(self, name: str, value: str) -> bytes:
        if name.lower() in {"message-id", "in-reply-to", "references"}:
            return f"{name}: {_FOLD.join(str(value).split())}\r\n".encode("ascii")
        return _filled(super().fold_binary(name, value))


def _filled(folded: bytes) -> bytes:
    """Put words on a header's first line: the library leaves it empty where all fit on the next.

    Some programs show an empty subject for such a header; see also RFC 5322, section 4.2.
    """
    name, _, rest = folded.partition(b"\r\n ")
    if not name.rstrip().endswith(b":"):
        return folded
    line = rest.partition(b"\r\n")[0]
    cut = line.rfind(b" ", 0, TEXT_COLUMNS - len(name) - 1)
    if cut < 0:
        return name.rstrip() + b" " + rest
    return name.rstrip() + b" " + rest[:cut] + b"\r\n" + rest[cut:]


_FOLD = "\r\n "
_POST = _Post(linesep="\r\n")


def _address(address: str, name: str = "") -> Address:
    try:
        return Address(display_name=name, addr_spec=address)
    except (HeaderParseError, ValueError, IndexError) as broken:
        raise GiveUp(f"{address!r} is no address that mail can be sent to") from broken


def _subject(letter: Letter, title: str) -> str:
    """Keep the tag in front, and a thread's subject as it was."""
    tags = [f"[{ticket}]" for ticket in _ticket_ids(letter.facts)[:1]]
    if letter.thread_subject:
        thread = _line(letter.thread_subject, MAX_SUBJECT)
        title = re.sub(r"(?i)^(\s*(re|aw)\s*:\s*)+", "", thread)
    if any(tag in title for tag in tags):
        tags = []
    lead = ["Re:"] if letter.thread_subject else []
    return _line(" ".join([*lead, *tags, title]), MAX_SUBJECT)


def _ticket_ids(facts: Mapping[str, Any]) -> list[str]:
    """Give the ids of the tickets that a mail is about, its own first."""
    first = [facts["ticket"]["id"]] if facts.get("ticket") else []
    ids = [*first, *(job["ticket_id"] for job in facts.get("jobs") or ())]
    return [i for i in dict.fromkeys(ids) if isinstance(i, str) and _TAG.fullmatch(i)]


def _enclose(mail: EmailMessage, enclosure: Enclosure) -> None:
    kind = enclosure.content_type.lower()
    # A mail within a mail must not be base64 (RFC 2046, 5.2.1): it travels as a plain file.
    if not _CONTENT_TYPE.fullmatch(kind) or kind.startswith(("message/", "multipart/")):
        kind = "application/octet-stream"
    main, _, sub = kind.partition("/")
    name = re.sub(r"[/\\:\"]", "_", _line(enclosure.filename, 100)) or "file"
    mail.add_attachment(enclosure.content, maintype=main, subtype=sub, filename=name)


def _tame(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _tamed(value, name) for name, value in facts.items()}


def _tamed(value: Any, name: str) -> Any:
    match value:
        case str():
            return _block(value) if name in MANY_LINES else _line(value, MAX_LINE_FACT)
        case Mapping():
            return {str(key): _tamed(each, str(key)) for key, each in value.items()}
        case list() | tuple():
            return [_tamed(each, name) for each in value]
        case _:
            return value


def _line(text: str, longest: int) -> str:
    return _shortened(" ".join(_seen(text).split()), longest)


def _block(text: str) -> str:
    lines = [" ".join(line.split()) for line in text.splitlines()]
    kept = [_seen(line) for line in lines if line]
    more = ["[…]"] if len(kept) > MAX_BLOCK_LINES else []
    return _shortened("\n".join([*kept[:MAX_BLOCK_LINES], *more]), MAX_BLOCK_FACT)


def _seen(text: str) -> str:
    """Drop what is not seen but acts: control, direction and zero-width characters, surrogates."""
    return "".join(" " if c.isspace() else c for c in text if c.isspace() or not _acts(c))


def _acts(char: str) -> bool:
    bidi = "\u202a" <= char <= "\u202e" or "\u2066" <= char <= "\u2069"
    return bidi or char in _UNSEEN or unicodedata.category(char) in {"Cc", "Cs"}


def _shortened(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 4].rstrip() + " […]"


def _sources(folder: Path) -> dict[str, str]:
    files = (p for p in sorted(folder.rglob("*")) if p.suffix in {".txt", ".html"})
    return {p.relative_to(folder).as_posix(): p.read_text(encoding="utf-8") for p in files}


def environment_with(loader: jinja2.BaseLoader, language: str, zone: str) -> jinja2.Environment:
    environment = ImmutableSandboxedEnvironment(
        loader=loader,
        undefined=jinja2.StrictUndefined,
        autoescape=lambda name: name is not None and name.endswith(".html"),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    local = zone_named(zone)
    environment.filters["moment"] = lambda when: moment(when, local, language)
    environment.filters["cited"] = _cited
    environment.filters["lasting"] = lambda seconds: lasting(seconds, language)
    environment.filters["mailto"] = _mailto
    environment.filters["weekday"] = lambda number: weekday(number, language)
    return environment


def _cited(text: str, lead: str = "  | ") -> str:
    """Mark every line of someone else's words, so that none passes for ours."""
    return "\n".join(lead + line for line in text.splitlines())


def _mailto(line: str, address: str, ticket: str) -> str:
    """Give the address of a mail that says just this line (RFC 6068, section 2)."""
    subject, body = quote(f"[{ticket}]", safe=""), quote(line, safe="")
    return f"mailto:{quote(address, safe='@')}?subject={subject}&body={body}"


def _tidy(text: str) -> str:
    """Wrap long lines below their own indent, and leave one empty line at most."""
    lines = [line.rstrip() for line in text.strip().splitlines()]
    wrapped = "\n".join(part for line in lines for part in _wrapped(line))
    return re.sub(r"\n{3,}", "\n\n", wrapped) + "\n"


def _wrapped(line: str) -> list[str]:
    if len(line) <= TEXT_COLUMNS:
        return [line]
    lead = re.match(r" *(\| |- |\d+\. )?", line)
    indent = lead.group() if lead else ""
    indent = indent if "|" in indent else " " * len(indent)
    return textwrap.wrap(
        line,
        TEXT_COLUMNS,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def fault_in(name: str, broken: Exception, folder: Path) -> str:
    """Name the file, the line and what to do."""
    file, line = name, 0
    if isinstance(broken, jinja2.TemplateSyntaxError):
        file, line = broken.name or name, broken.lineno
    for frame in traceback.extract_tb(broken.__traceback__):
        if Path(frame.filename).is_relative_to(folder):
            file, line = str(Path(frame.filename).relative_to(folder)), frame.lineno or 0
    what = f"{type(broken).__name__}: {broken}"
    return (
        f"template {file}, line {line}: {what}; correct it or copy {file} from "
        f"{shipped_folder() / 'mail'}, then send the mail through again"
    )
