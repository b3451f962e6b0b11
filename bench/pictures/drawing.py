"""Draws a page with the system's Chromium, without a window."""

import subprocess
import tempfile
from pathlib import Path

from bench.pictures.scenes import Scene
from mailflow.edges.capture_chromium import find_browser

_SIZES = ((1280, 800), (1440, 900), (1920, 1080))


def browser() -> str:
    """Find the browser.

    Raises:
        SystemExit: there is none.
    """
    found = find_browser()
    if not found:
        raise SystemExit("no Chromium is installed: apt-get install chromium")
    return found


def draw(html: str, target: Path, *, size: tuple[int, int] = _SIZES[0], scale: int = 1) -> None:
    """Write a PNG of the page."""
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "page.html"
        page.write_text(html, "utf-8")
        command = [
            browser(), "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
            f"--user-data-dir={folder}/profile", f"--window-size={size[0]},{size[1]}",
            f"--force-device-scale-factor={scale}", f"--screenshot={target}", page.as_uri(),
        ]  # fmt: skip
        subprocess.run(command, check=True, capture_output=True, timeout=120)
    if not target.is_file():
        raise SystemExit(f"the browser wrote no {target}")


def size_of(scene: Scene) -> tuple[int, int]:
    return _SIZES[scene.salt % len(_SIZES)]
