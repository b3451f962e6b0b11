"""Looks for faults in mail templates before any mail is written from them."""

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import jinja2
from jinja2 import meta

from mailflow.edges.mail_templates import FALLBACK, PARTS, environment_with, fault_in
from mailflow.tickets.effects import Purpose
from mailflow.tickets.ticket import Cause
from mailflow.workflow.facts import FIELDS

# Names that every template has without declaring them.
_GIVEN = frozenset({"language", "zone", "subject", "reply_to"})
_FOLDERS = sorted({c.value for c in Cause} | {p.value for p in Purpose if p.name != "FIRST_NOTICE"})
_HEADER = re.compile(
    r"\{#-?\n +Sent: +\S.*\n +Wants: +\S.*\n +Fields: +(?P<fields>\S.*)\n +Never: +\S.*\n-?#\}"
)


def check_templates(folder: Path) -> list[str]:
    """Look for faults in the templates below `folder`/mail; an empty list means none."""
    root = folder / "mail"
    environment = environment_with(jinja2.FileSystemLoader(root), FALLBACK, "UTC")
    files = sorted(p for p in root.rglob("*") if p.suffix in {".txt", ".html"})
    faults = [*_missing(root)]
    for path in files:
        name = path.relative_to(root).as_posix()
        try:
            faults.extend(_faults_of(environment, name, path.read_text(encoding="utf-8")))
        except (jinja2.TemplateError, OSError, UnicodeError) as broken:
            faults.append(fault_in(name, broken, root))
    return faults


def _missing(root: Path) -> Iterator[str]:
    for template in _FOLDERS:
        here = [p.name for p in (root / template).glob("*") if p.is_dir()]
        for language in sorted({FALLBACK, *here}):
            for part in PARTS:
                if not (root / template / language / part).is_file():
                    yield f"{template}/{language}/{part} is missing"


def _faults_of(environment: jinja2.Environment, name: str, source: str) -> Iterator[str]:
    header = _HEADER.match(source)
    if header is None:
        yield f"{name} does not begin with a comment of four lines: Sent, Wants, Fields, Never"
        return
    declared = {re.split(r"[ .]", f.strip())[0] for f in header["fields"].split(",")} - {"none"}
    for field in sorted(declared - FIELDS):
        yield f"{name} declares {field}, which no mail has"
    for field in sorted(_used(environment, name, set()) - declared - _GIVEN):
        yield f"{name} uses {field} without declaring it"


def _used(environment: jinja2.Environment, name: str, seen: set[str]) -> set[str]:
    """Collect the names that a template and all it builds on want from outside."""
    seen.add(name)
    assert environment.loader is not None
    source = environment.loader.get_source(environment, name)[0]
    wanted, referenced = _wants(environment, name, source)
    used = set(wanted)
    for further in referenced:
        if further not in seen:
            used |= _used(environment, further, seen)
    return used


@lru_cache(maxsize=1024)  # what many templates build on is parsed once
def _wants(
    environment: jinja2.Environment, name: str, source: str
) -> tuple[frozenset[str], tuple[str, ...]]:
    tree = environment.parse(source, name)
    referenced = tuple(meta.find_referenced_templates(tree))
    if None in referenced:
        raise jinja2.TemplateSyntaxError("a template must be named, not computed", 1, name)
    return frozenset(meta.find_undeclared_variables(tree)), tuple(filter(None, referenced))
