"""How evidence is weighed, and how mailflow takes pictures of a job's page itself."""

from pathlib import Path
from typing import Self

from pydantic import Field, model_validator

from mailflow.settings.section import Section


class EvidenceSettings(Section):
    """How a picture is held against what the platform reports."""

    finish_tolerance_seconds: float = Field(
        default=120,
        ge=0,
        le=3600,
        description="How far the end of a run on a picture and on the platform may be apart.",
    )


class CaptureSettings(Section):
    """Pictures of the job's page (page_url), taken with Chromium; needs mailflow[capture]."""

    browser: Path | None = Field(
        default=None, description="Chromium or Chrome; left out: the one on PATH."
    )
    sandbox: bool = Field(
        default=True, description="Chromium's sandbox; it cannot be had as root. Keep it on."
    )
    hosts: tuple[str, ...] = Field(
        default=(), description="Further hosts that the page needs; no other is ever reached."
    )
    state_file: Path | None = Field(
        default=None, description="A stored login: cookies as Playwright's storage state (JSON)."
    )
    header: str = Field(
        default="Authorization",
        pattern="^[A-Za-z0-9-]{1,64}$",
        description="Header that shows the page's host who we are, with header_file.",
    )
    header_file: Path | None = Field(
        default=None, description="File that holds the header's whole value, such as Bearer abc."
    )
    wait_for: str = Field(
        default="", description="CSS selector of what is there once the page is loaded."
    )
    width: int = Field(default=1440, ge=640, le=3840, description="Width of the window, pixels.")
    height: int = Field(default=900, ge=480, le=2160, description="Height of the window, pixels.")
    seconds: float = Field(default=45, ge=5, le=300, description="Longest time for one picture.")

    @model_validator(mode="after")
    def _plain_hosts(self) -> Self:
        for host in self.hosts:
            if not host or set(host) & set("*/:, "):
                raise ValueError(f"{host!r} is no host; write one such as cdn.example.com")
        return self
