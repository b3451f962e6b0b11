"""The words in braces that a platform's addresses and bodies may hold."""

import re
from collections.abc import Mapping

PLACEHOLDERS = ("job", "retailer", "marketplace")

_BRACED = re.compile(r"\{([^{}]*)\}")


def placeholders_in(template: str) -> frozenset[str]:
    """Name the placeholders of a template.

    Raises:
        ValueError: one is unknown, or a brace has no partner.
    """
    names = frozenset(_BRACED.findall(template))
    unknown = sorted(names - set(PLACEHOLDERS))
    known = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
    if unknown:
        raise ValueError(f"{{{unknown[0]}}} in {template!r} is unknown; there are {known}")
    if re.search(r"[{}]", _BRACED.sub("", template)):
        raise ValueError(f"{template!r} has a brace without its partner; placeholders are {known}")
    return names


def filled(template: str, values: Mapping[str, str]) -> str:
    """Put the values in; they are taken as they are, so encode them before."""
    return _BRACED.sub(lambda braced: values[braced.group(1)], template)
