"""How much room is left."""

import shutil
from pathlib import Path


def free_bytes(folder: Path) -> int | None:
    """Say how much this process may still write there; None where it cannot be told."""
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return None
