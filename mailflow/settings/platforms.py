"""Where jobs run, and how to stop them there."""

from typing import Literal

from pydantic import Field

from mailflow.settings.section import Section


class PlatformSettings(Section):
    """A job platform that speaks JSON over HTTP."""

    connector: Literal["http_json"] = Field(default="http_json", description="How it is spoken to.")
    zone: str = Field(
        default="UTC", description="IANA zone of times that its pages show without one."
    )
    day_first: bool = Field(
        default=True, description="Whether 03/04 on its pages is the 3rd of April."
    )
