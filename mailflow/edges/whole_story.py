"""One file with the whole story of a ticket, for whoever asks later what happened and why."""

import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2

from mailflow.tickets.errors import GiveUp
from mailflow.tickets.ticket import Ticket
from mailflow.workflow.memory import UnitOfWork
from mailflow.workflow.records import KeptMail, SentMail, StoredFile

_ENDINGS = {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp", "application/pdf": "pdf"}
_EPOCH = (2000, 1, 1, 0, 0, 0)  # the same story gives the same file
_PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src 'self' file:; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ ticket.id }}</title>
<style>
:root { color-scheme: light dark }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse; width: 100% } td, th { text-align: left; padding: .3rem .6rem; vertical-align: top; border-bottom: 1px solid #8884 }
td { overflow-wrap: anywhere } img { max-width: 100%; border: 1px solid #8886 } .hash { font: .75rem monospace }
</style>
</head>
<body>
<h1>{{ ticket.id }}: {{ ticket.job.name }}</h1>
<p>{{ ticket.job.key }}. State: {{ ticket.state }}. Account: {{ ticket.status.standing }}{% if ticket.status.because %}, {{ ticket.status.because }}{% endif %}.
Opened {{ ticket.opened_at.isoformat() }}; last failure {{ ticket.last_failure_at.isoformat() }}.</p>
{% if ticket.closure %}<p>Closed {{ ticket.closure.at.isoformat() }} on the path {{ ticket.closure.path }}.</p>{% endif %}
<h2>Proofs</h2>
<table><tr><th>Kind<th>Of<th>By<th>Speaks for<th>Detail</tr>
{% for p in ticket.proofs %}<tr><td>{{ p.kind }}<td>{{ p.subject }}<td>{{ p.witness }}: {{ p.by }}<td>{{ p.covers.isoformat() }}<td>{{ p.detail }}</tr>
{% endfor %}</table>
<h2>What happened, and why</h2>
<table><tr><th>When<th>What<th>Why<th>State after</tr>
{% for line in lines %}<tr><td>{{ line.at }}<td>{{ line.event }}<td>{{ line.because }}<br><span class="hash">{{ line.hash }}</span><td>{{ line.state_after }}</tr>
{% endfor %}</table>
<h2>Mails received</h2>
<ul>{% for m in mails %}<li><a href="{{ m.name }}">{{ m.name }}</a>, {{ m.about }}</li>{% endfor %}</ul>
<h2>Mails sent</h2>
<ul>{% for m in sent %}<li><a href="{{ m.name }}">{{ m.name }}</a>, {{ m.about }}</li>{% endfor %}</ul>
<h2>Files</h2>
{% for f in files %}<p><a href="{{ f.name }}">{{ f.name }}</a>, {{ f.about }}{% if f.is_picture %}<br><img src="{{ f.name }}" alt="{{ f.about }}">{% endif %}</p>
{% endfor %}
<h2>How to check it</h2>
<p><code>events.jsonl</code> holds each line as it is bound into the journal: its hash is the SHA-256 of the
canonical JSON of its fields and of the hash before it. <code>mailflow audit verify</code> checks the whole journal.</p>
</body>
</html>
"""  # noqa: E501 - a page


@dataclass(frozen=True, slots=True)
class _Part:
    name: str
    content: bytes
    about: str
    is_picture: bool = False


def export_ticket(uow: UnitOfWork, ticket_id: str, target: Path) -> int:
    """Write the zip; returns how many files are in it.

    Raises:
        GiveUp: there is no such ticket, or the file is there already.
    """
    ticket = uow.tickets.get(ticket_id)
    if ticket is None:
        raise GiveUp(f"there is no ticket {ticket_id}; list them with: mailflow tickets")
    if target.exists():
        raise GiveUp(f"{target} exists; give another name with --to")
    lines = list(uow.tickets.chained(ticket_id))
    mails = [_mail(m) for m in uow.mails.of_ticket(ticket_id)]
    sent = [_sent(number, m) for number, m in enumerate(uow.sent.of_ticket(ticket_id), 1)]
    files = [_file(f) for f in uow.files.of_ticket(ticket_id)]
    page = _page(ticket, lines, mails, sent, files)
    story = "".join(json.dumps(line, ensure_ascii=False, sort_keys=True) + "\n" for line in lines)
    parts = [_Part("index.html", page, ""), _Part("events.jsonl", story.encode(), "")]
    with zipfile.ZipFile(target, "x", zipfile.ZIP_DEFLATED) as archive:
        for part in (*parts, *mails, *sent, *files):
            archive.writestr(zipfile.ZipInfo(part.name, _EPOCH), part.content, zipfile.ZIP_DEFLATED)
    target.chmod(0o600)
    return len(parts) + len(mails) + len(sent) + len(files)


def _page(
    ticket: Ticket, lines: Sequence[Mapping[str, Any]], mails: Sequence[_Part],
    sent: Sequence[_Part], files: Sequence[_Part],
) -> bytes:  # fmt: skip
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined)
    facts = {"ticket": ticket, "lines": lines, "mails": mails, "sent": sent, "files": files}
    return environment.from_string(_PAGE).render(facts).encode()


def _mail(mail: KeptMail) -> _Part:
    erased = "" if mail.raw else ", its text was erased"
    passed_on = f", {mail.passed_on}" if mail.passed_on else ""
    about = f"arrived {mail.received_at.isoformat()}{passed_on}{erased}"
    return _Part(f"received/{mail.id}.eml", mail.raw, about)


def _sent(number: int, mail: SentMail) -> _Part:
    about = f"{mail.purpose}, {mail.state} {mail.at.isoformat()}: {mail.subject}"
    return _Part(f"sent/{number:03}.eml", mail.raw, about)


def _file(file: StoredFile) -> _Part:
    ending = _ENDINGS.get(file.content_type, "bin")
    about = f"{file.filename or 'without a name'} ({file.content_type})"
    is_picture = file.content_type in ("image/png", "image/jpeg", "image/webp")
    return _Part(
        f"files/{file.sha256}.{ending}", file.content, about, is_picture and bool(file.content)
    )
