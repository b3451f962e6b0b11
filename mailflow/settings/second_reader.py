"""An optional second opinion on replies."""

from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from mailflow.settings.section import Section

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class SecondReaderSettings(Section):
    """A language model that may doubt a confirmation, and sort unclear replies. Never accepts."""

    base_url: str = Field(
        default="",
        description="Address of an OpenAI-compatible interface, such as "
        "https://models.example.com/v1; empty: no second reader. Replies are sent there.",
    )
    model: str = Field(default="", description="Name of the model to ask for.")
    secret_file: Path | None = Field(
        default=None,
        description="File that holds the key; relative: below $CREDENTIALS_DIRECTORY.",
    )
    ca_file: Path | None = Field(
        default=None, description="Certificates to trust instead of the system's."
    )
    read_seconds: float = Field(
        default=20, gt=0, le=120, description="Longest wait for an opinion; then there is none."
    )

    @model_validator(mode="after")
    def _whole_and_protected(self) -> Self:
        if not self.base_url:
            return self
        address = urlsplit(self.base_url)
        if address.scheme not in ("http", "https") or not address.hostname:
            raise ValueError(
                f"base_url {self.base_url!r} is no web address; write https://HOST/PATH"
            )
        if address.scheme == "http" and address.hostname not in _LOOPBACK:
            raise ValueError("base_url would send replies readable to others; use https://")
        if not self.model:
            raise ValueError("base_url is set, but model is not; name the model to ask for")
        return self
