"""Drives Chromium for one picture of one page. Run as a program, by `capture_chromium`.

What to do comes as JSON on the standard input; what was seen goes as JSON to the standard output,
the picture into the folder named. No other host than those named is reached: the browser cannot
even resolve another name, so that a redirect or a picture on the page leads nowhere.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

LONGEST_TEXT = 20_000
MOST_HEIGHT = 4000  # pixels; a page without end is cut here
QUIET_SECONDS = 1.5  # for what the page still draws after it is loaded
_SERVER_ERROR, _REFUSAL = 500, 400
_FLAGS = (
    "--disable-gpu",
    "--disable-dev-shm-usage",  # small in containers
    "--disable-quic",
    "--no-proxy-server",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--deny-permission-prompts",
)
_UNREACHABLE = ("ERR_CONNECTION_", "ERR_TIMED_OUT", "ERR_EMPTY_RESPONSE", "ERR_NETWORK_CHANGED")

Told = dict[str, Any]
Origin = tuple[str, str, int | None]


def look(asked: dict[str, Any]) -> Told:
    """Take the picture; "refused" or "later" say why there is none."""
    try:
        from playwright.sync_api import Error, TimeoutError, sync_playwright  # noqa: A004, PLC0415
    except ImportError:
        return {"refused": "playwright is missing: pip install 'mailflow[capture]'"}
    until = time.monotonic() + asked["seconds"]
    try:
        with sync_playwright() as driver:
            browser = driver.chromium.launch(
                executable_path=asked["browser"],
                headless=True,
                chromium_sandbox=asked["sandbox"],
                args=[*_FLAGS, f"--host-resolver-rules={_only(asked['hosts'])}"],
            )
            try:
                return _visit(browser, asked, until)
            finally:
                browser.close()
    except TimeoutError as slow:
        return {"later": f"the page was not there in time ({_first_line(slow)})"}
    except Error as failed:
        return _reason(_first_line(failed), asked)


def _only(hosts: list[str]) -> str:
    kept = ", ".join(f"EXCLUDE {host}" for host in hosts)
    return f"MAP * ~NOTFOUND, {kept}"


def _visit(browser: Any, asked: dict[str, Any], until: float) -> Told:
    width, height = asked["size"]
    context = browser.new_context(
        viewport={"width": width, "height": height},
        accept_downloads=False,
        service_workers="block",
        storage_state=asked["state_file"],
        reduced_motion="reduce",
    )
    own = _origin(asked["address"])
    page = context.new_page()
    if asked["header"]:
        _introduce(context, page, own, asked["header"])
    page.set_default_timeout(_left(until))
    answer = page.goto(asked["address"], wait_until="load", timeout=_left(until))
    refusal = _weighed(answer, page.url, own)
    if refusal:
        return refusal
    _let_settle(page, asked["wait_for"], until)
    if _origin(page.url) != own:
        return {"refused": f"the page leads to another address ({_shown(page.url)})"}
    return _photographed(page, asked, until)


def _introduce(context: Any, page: Any, own: Origin, header: list[str]) -> None:
    """Add the header to what is asked of the page's own origin, and of no other.

    Playwright's own ways would add it to redirects too, wherever they lead. The protocol's
    Fetch.continueRequest changes this one request only (Chrome DevTools Protocol, Fetch).
    """
    session = context.new_cdp_session(page)
    name, value = header

    def admit(paused: dict[str, Any]) -> None:
        request = paused["request"]
        fields = {n: v for n, v in request["headers"].items() if n.lower() != name.lower()}
        if _origin(request["url"]) == own:
            fields[name] = value
        told = [{"name": n, "value": v} for n, v in fields.items()]
        session.send("Fetch.continueRequest", {"requestId": paused["requestId"], "headers": told})

    session.on("Fetch.requestPaused", admit)
    session.send("Fetch.enable", {"patterns": [{"urlPattern": "*"}]})


def _weighed(answer: Any, address: str, own: Origin) -> Told:
    """Say why the page's answer is none; empty where it is one."""
    if answer is None:
        return {"refused": "the page gave no answer"}
    if _origin(address) != own:
        return {"refused": f"the page leads to another address ({_shown(address)})"}
    if answer.status >= _SERVER_ERROR:
        return {"later": f"the page answered with status {answer.status}"}
    if answer.status >= _REFUSAL:
        return {"refused": f"the page answered with status {answer.status}"}
    return {}


def _let_settle(page: Any, wait_for: str, until: float) -> None:
    if wait_for:
        page.wait_for_selector(wait_for, timeout=_left(until))
        return
    from playwright.sync_api import TimeoutError  # noqa: A004, PLC0415 - an optional extra

    try:
        page.wait_for_load_state("networkidle", timeout=min(_left(until), QUIET_SECONDS * 1000))
    except TimeoutError:
        return  # a page that never rests is taken as it is


def _photographed(page: Any, asked: dict[str, Any], until: float) -> Told:
    width, height = asked["size"]
    whole = int(page.evaluate("document.documentElement.scrollHeight"))
    tall = max(height, min(whole, MOST_HEIGHT))
    page.screenshot(
        path=Path(asked["folder"]) / "page.png",
        full_page=True,
        clip={"x": 0, "y": 0, "width": width, "height": tall},
        animations="disabled",
        caret="hide",
        timeout=_left(until),
    )
    text = page.inner_text("body", timeout=_left(until))
    return {"address": _shown(page.url), "text": text[:LONGEST_TEXT]}


def _left(until: float) -> float:
    """Give the milliseconds that are left; 0 would mean no limit."""
    return max(1.0, 1000 * (until - time.monotonic()))


def _origin(address: str) -> Origin:
    parts = urlsplit(address)
    return parts.scheme, parts.hostname or "", parts.port


def _shown(address: str) -> str:
    """Leave out a login in the address."""
    parts = urlsplit(address)
    host = parts.hostname or ""
    place = f"{host}:{parts.port}" if parts.port else host
    return parts._replace(netloc=place).geturl()


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:300]


def _reason(failure: str, asked: dict[str, Any]) -> Told:
    """Say in plain words why there is no picture, and whether trying again may help."""
    if "ERR_CERT" in failure or "ERR_SSL" in failure:
        return {"refused": f"the page's certificate is not to be trusted ({failure})"}
    if "ERR_NAME_NOT_RESOLVED" in failure or "ERR_BLOCKED_BY_CLIENT" in failure:
        hosts = ", ".join(asked["hosts"])
        return {"refused": f"the page leads away from {hosts}, or that host is not known"}
    if any(word in failure for word in _UNREACHABLE):
        return {"later": f"the page cannot be reached ({failure})"}
    if "BrowserType.launch" in failure:
        why = "the browser does not start; as root it needs sandbox = false"
        return {"refused": f"{why} ({failure})"}
    return {"refused": f"the browser took no picture ({failure})"}


def main() -> None:
    """Answer the one request on the standard input."""
    told = look(json.load(sys.stdin))
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main()
