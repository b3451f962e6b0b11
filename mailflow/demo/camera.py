"""Takes pictures of pages, as a member of staff would: with a browser, or without one."""

import base64
import importlib.util
import subprocess
import tempfile
from io import BytesIO
from pathlib import Path

import httpx
from PIL import ImageFont

from mailflow.edges.capture_chromium import find_browser
from mailflow.tickets.errors import GiveUp

WIDTH, HEIGHT = 1280, 800
_POINTS_PER_PIXEL = 0.75
_FLAGS = (
    "--headless",
    "--no-sandbox",  # it only ever opens the demo's own pages
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    f"--window-size={WIDTH},{HEIGHT}",
)


def take_picture(url: str, *, seconds: float = 60) -> bytes:
    """Give the page as a PNG, taken by a browser where there is one, else by PlutoPrint.

    Raises:
        GiveUp: there is no camera, or it failed or took longer than `seconds`.
    """
    browser = find_browser()
    if browser:
        return with_browser(browser, url, seconds=seconds)
    if importlib.util.find_spec("plutoprint"):
        return without_browser(url, seconds=seconds)
    raise GiveUp(
        "there is nothing to take a picture with: install the package chromium, "
        "or pip install 'mailflow[demo]'"
    )


def with_browser(browser: str, url: str, *, seconds: float = 60) -> bytes:
    """Take it with Chromium or Chrome, in a profile of its own that is thrown away."""
    with tempfile.TemporaryDirectory(prefix="camera-", ignore_cleanup_errors=True) as folder:
        picture = Path(folder) / "page.png"
        profile = f"--user-data-dir={folder}/profile"
        command = [browser, *_FLAGS, profile, f"--screenshot={picture}", url]
        try:
            ended = subprocess.run(  # noqa: S603 - the browser on PATH, the demo's own address
                command, capture_output=True, timeout=seconds, check=False
            )
        except subprocess.TimeoutExpired as error:
            raise GiveUp(f"the browser took longer than {seconds:g} s for {url}") from error
        if not picture.is_file():
            last = ended.stderr.decode("utf-8", "replace").strip()[-300:]
            raise GiveUp(f"the browser took no picture of {url}: {last}")
        return picture.read_bytes()


def without_browser(url: str, *, seconds: float = 60) -> bytes:
    """Take it with PlutoPrint, which needs neither a browser nor the system's fonts."""
    import plutoprint  # noqa: PLC0415 - an optional extra

    try:
        page = httpx.get(url, timeout=seconds, trust_env=False).raise_for_status().text
    except httpx.HTTPError as error:
        raise GiveUp(f"the page {url} cannot be opened: {error}") from error
    size = plutoprint.PageSize(WIDTH * _POINTS_PER_PIXEL, HEIGHT * _POINTS_PER_PIXEL)
    book = plutoprint.Book(size, plutoprint.PAGE_MARGINS_NONE, plutoprint.MEDIA_TYPE_SCREEN)
    book.load_html(page.replace("</style>", f"{_font_rules()}</style>", 1), base_url=url)
    picture = BytesIO()
    book.write_to_png_stream(picture, WIDTH, -1)
    return picture.getvalue()


def _font_rules() -> str:
    """Lend the page the typeface inside Pillow: a bare machine may have no font at all."""
    file = ImageFont.load_default(20)
    if not isinstance(file, ImageFont.FreeTypeFont) or not isinstance(file.path, BytesIO):
        return ""
    font = base64.b64encode(file.path.getvalue()).decode("ascii")
    return (
        f"@font-face {{ font-family: Camera; src: url(data:font/ttf;base64,{font}); }}"
        "body { font-family: Camera, sans-serif; }"
    )
