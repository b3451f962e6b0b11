"""Writes the example configuration from the models, so that it can never be out of date."""

import json
from collections.abc import Iterator
from datetime import date, time
from enum import Enum
from pathlib import Path
from typing import get_origin

from annotated_types import Ge, Gt, Le, Lt
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from mailflow.settings.loading import section_in
from mailflow.settings.root import Settings

_HEAD = """\
# mailflow's configuration. Every key is here with its meaning.
# "# ..." explains; "#key = ..." is a key left out, shown with its default or an example.
# Relative files start at this file's folder, secrets at $CREDENTIALS_DIRECTORY where it is set.
"""
_TABLE_NAME = "example"  # stands for the name that the operator chooses, as in [platforms.NAME]
_REQUEST = {"path": "/jobs/{job}", "body": {"why": "mailflow"}, "headers": {"X-Client": "mailflow"}}
_ACTS = (
    "pause_marketplace",
    "disable_feed",
    "suspend_connection",
    "reactivate",
    "remove",
    "run_now",
    "state",
    "runs",
)

# What to show where the default is nothing: needed keys, and keys that are off when left out.
_SHOWN: dict[str, object] = {
    "inbox.host": "imap.example.com",
    "inbox.user": "integrations@example.com",
    "inbox.address": "integrations@example.com",
    "inbox.password_file": "inbox-password",
    "inbox.ca_file": "/etc/ssl/certs/ca-certificates.crt",
    "outbox.host": "smtp.example.com",
    "outbox.user": "integrations@example.com",
    "outbox.password_file": "outbox-password",
    "outbox.ca_file": "/etc/ssl/certs/ca-certificates.crt",
    "oauth2.tenant": "example.com",
    "oauth2.token_url": "https://login.example.com/oauth2/token",
    "oauth2.scope": "https://mail.example.com/.default",
    "oauth2.client_id": "00000000-0000-0000-0000-000000000000",
    "oauth2.client_secret_file": "client-secret",
    "oauth2.refresh_token_file": "refresh-token",
    "oauth2.renewed_token_file": "/var/lib/mailflow/refresh-token",
    "oauth2.account_file": "service-account.json",
    "oauth2.command": ["/usr/local/bin/print-token"],
    "authentication.authserv_id": "mx.example.com",
    "authentication.internal_hops": 1,
    "database.password_file": "database-password",
    "staff.members": ["staff@example.com"],
    "staff.notify": ["staff@example.com"],
    "staff.escalate_to": ["lead@example.com"],
    "replies.token_key_file": "token-key",
    "paths.alerts": "alerts",
    "paths.templates": "templates",
    "paths.lexicons": "lexicons",
    "paths.retailers": "retailers.csv",
    "second_reader.secret_file": "second-reader-key",
    "second_reader.ca_file": "/etc/ssl/certs/ca-certificates.crt",
    "log.json_lines": True,
    "oauth2.renew_by": date(2027, 3, 31),
    "alarms.to": ["ops@example.com"],
    "alarms.webhook_url": "https://chat.example.com/hooks/mailflow",
    "alarms.secret_file": "alarm-webhook-token",
    "alarms.relay.host": "backup-smtp.example.com",
    "alarms.relay.user": "alarms@example.com",
    "alarms.relay.sender": "alarms@example.com",
    "alarms.relay.password_file": "relay-password",
    "alarms.relay.ca_file": "/etc/ssl/certs/ca-certificates.crt",
    "platforms.example.base_url": "https://jobs.example.com",
    "platforms.example.page_url": "https://jobs.example.com/{job}",
    "platforms.example.ca_file": "/etc/ssl/certs/ca-certificates.crt",
    "platforms.example.not_stoppable_statuses": [405],
    "platforms.example.auth.secret_file": "platform-token",
    "platforms.example.capture.browser": "/usr/bin/chromium",
    "platforms.example.capture.hosts": ["cdn.example.com"],
    "platforms.example.capture.state_file": "platform-login.json",
    "platforms.example.capture.header_file": "platform-header",
    "platforms.example.capture.wait_for": "table.runs",
    **{f"platforms.example.{act}.{key}": v for act in _ACTS for key, v in _REQUEST.items()},
    "platforms.example.state.value": "$.state",
    "platforms.example.state.values": {"active": "running", "paused": "stopped", "gone": "removed"},
    "platforms.example.state.removed_statuses": [410],
    "platforms.example.runs.items": "$.runs[*]",
    "platforms.example.runs.detail": "$.message",
    "platforms.example.runs.values": {"ok": "succeeded", "error": "failed", "busy": "running"},
}
# Needed by the model or not: an example that leaves these out would not start anywhere.
_SET = frozenset({"inbox.user", "inbox.password_file", "outbox.user", "outbox.password_file"})
_UNITS = {"seconds": "Seconds", "bytes": "Bytes", "mb": "MB"}


def example_toml() -> str:
    """Write the whole example file."""
    return "\n".join([_HEAD, *_tables(Settings, "", optional=False)])


def _tables(model: type[BaseModel], where: str, *, optional: bool) -> Iterator[str]:
    for name, field in model.model_fields.items():
        section = section_in(field.annotation)
        if section is None:
            continue
        in_table = get_origin(field.annotation) is dict
        here = f"{where}.{name}".lstrip(".") + (f".{_TABLE_NAME}" if in_table else "")
        yield from _table(section, here, optional=optional or in_table, because=field.description)
        yield from _tables(section, here, optional=optional or in_table)


def _table(
    model: type[BaseModel], where: str, *, optional: bool, because: str | None
) -> Iterator[str]:
    yield f"# {because or (model.__doc__ or '').partition(chr(10))[0]}"
    yield f"{'#' if optional else ''}[{where}]"
    for name, field in model.model_fields.items():
        if section_in(field.annotation) is None:
            yield from _key(f"{where}.{name}", name, field, optional=optional)
    yield ""


def _key(where: str, name: str, field: FieldInfo, *, optional: bool) -> Iterator[str]:
    yield f"# {' '.join(filter(None, [field.description, bounds_of(name, field)]))}"
    left_out = optional or not (field.is_required() or where in _SET)
    off = field.is_required() or field.get_default(call_default_factory=True) in (None, "", (), {})
    value = _SHOWN[where] if off and where in _SHOWN else field.get_default()
    shown = where in _SHOWN and off and not field.is_required()
    note = "  # an example; not set by default" if shown and left_out else ""
    yield f"{'#' if left_out else ''}{name} = {written(value)}{note}"


def bounds_of(name: str, field: FieldInfo) -> str:
    """Give the unit and the bounds that the model sets."""
    unit = _UNITS.get(name.rpartition("_")[2], "")
    words = {Ge: "from {}", Gt: "above {}", Le: "up to {}", Lt: "below {}"}
    bounds = []
    for rule in field.metadata:
        for kind, word in words.items():
            if isinstance(rule, kind):
                bounds.append(word.format(getattr(rule, kind.__name__.lower())))
    inside = ", ".join(filter(None, [unit, *bounds]))
    return f"{inside[:1].upper()}{inside[1:]}." if inside else ""


def written(value: object) -> str:
    """Write a value as TOML."""
    match value:
        case Enum():
            return json.dumps(value.value)
        case bool():
            return json.dumps(value)
        case time() | date():
            return value.isoformat()
        case Path():
            return json.dumps(str(value))
        case list() | tuple():
            return f"[{', '.join(written(item) for item in value)}]"
        case dict():
            pairs = (f"{json.dumps(k)} = {written(v)}" for k, v in value.items())
            return f"{{ {', '.join(pairs)} }}" if value else "{}"
        case int() | float():
            return f"{value:_}"
        case _:
            return json.dumps(value, ensure_ascii=False)
