"""Refresh tokens that the server changes with each use: the newest one must survive everything."""

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from mailflow.edges.secrets import read_secret


def write_privately(path: Path, secret: str) -> None:
    """Replace a file by one that only its owner may read; after a crash it is the old or the new.

    Raises:
        OSError: it could not be written; the old file is untouched.
    """
    handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)  # mode 0600
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(secret + "\n")
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


class RefreshTokens:
    """The refresh tokens worth trying, the newest first."""

    def __init__(self, first: Path | None, renewed: Path | None) -> None:
        self._first = first
        self._renewed = renewed
        self._unstored = ""  # given to us, but the disk would not take it

    def candidates(self) -> list[str]:
        """Give the newest token, then the operator's: he may have put a new one there.

        Raises:
            GiveUp: there is none at all.
        """
        found = [self._unstored] if self._unstored else []
        if self._renewed is not None and self._renewed.exists():
            found.append(read_secret(self._renewed))
        if self._first is not None and (not found or self._first.exists()):
            found.append(read_secret(self._first))
        return list(dict.fromkeys(found))

    def keep(self, token: str) -> None:
        """Keep the token that the server gave in place of the old one.

        Raises:
            OSError: the disk does not take it; it is used as long as this process lives.
        """
        self._unstored = token
        if self._renewed is not None:
            write_privately(self._renewed, token)
            self._unstored = ""
