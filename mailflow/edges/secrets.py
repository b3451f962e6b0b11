"""Secrets come from files, never from the environment, the command line or a log."""

import os
from pathlib import Path

from mailflow.tickets.errors import GiveUp

_MOST_BYTES = 65_536


def locate(path: Path) -> Path:
    """Place a relative path below $CREDENTIALS_DIRECTORY (systemd), where that is set."""
    folder = os.environ.get("CREDENTIALS_DIRECTORY", "")
    return Path(folder) / path if folder and not path.is_absolute() else path


def read_secret(path: Path | None) -> str:
    """Read a secret and drop the one line end that editors leave behind.

    Raises:
        GiveUp: no file is named, or it cannot be read, is empty or far too large.
    """
    if path is None:
        raise GiveUp("a secret is needed, but its *_file setting is missing; name a file there")
    place = locate(path)
    try:
        with place.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
    except OSError as problem:
        raise GiveUp(
            f"secret file {place}: {problem.strerror}; create it, readable to mailflow's user"
        ) from problem
    if len(content) > _MOST_BYTES:
        raise GiveUp(f"secret file {place} is no secret: it is larger than {_MOST_BYTES} bytes")
    return _text(content, place)


def _text(content: bytes, place: Path) -> str:
    try:
        value = content.decode()
    except UnicodeDecodeError:
        # `from None`: the original error would show the secret's bytes.
        raise GiveUp(f"secret file {place} is not UTF-8 text; write it again as text") from None
    value = value.removesuffix("\n").removesuffix("\r")
    if not value:
        raise GiveUp(f"secret file {place} is empty; write the secret into it")
    return value
