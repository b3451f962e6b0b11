"""`mailflow explain page`: what mailflow sees when it opens a job's page, to try the settings."""

import hashlib
from pathlib import Path
from typing import Annotated

import typer

from mailflow.cli.app import DEFAULT_CONFIG, ConfigOption, explain_app, fail, out, settings_of
from mailflow.tickets.errors import MailflowError
from mailflow.tickets.ticket import Job, Kind
from mailflow.wiring import camera_for

_SHOWN = 400  # characters of the page's text


@explain_app.command("page")
def explain_page(
    platform: Annotated[str, typer.Argument(help="The platform's name in the settings.")],
    job: Annotated[str, typer.Option(help="The job's id.")],
    out_file: Annotated[Path, typer.Option("--out", help="Write the picture here, as PNG.")],
    retailer: Annotated[str, typer.Option(help="The account's id.")] = "",
    marketplace: Annotated[str, typer.Option(help="The marketplace.")] = "",
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Open a job's page as mailflow would after a successful run, and keep the picture.

    Exit status: 0 there is a picture, 1 there is none, 2 wrong use.
    """
    settings = settings_of(config).platforms.get(platform)
    if settings is None:
        fail(f"the settings hold no [platforms.{platform}]", 2)
    camera = camera_for(settings)
    if camera is None:
        fail(f"the settings hold no [platforms.{platform}.capture]; see docs/capture.md", 2)
    asked = Job(
        id=job,
        name=job,
        retailer=retailer,
        marketplace=marketplace,
        kind=Kind.SYNC,  # of no matter to a page
        platform=platform,
    )
    try:
        seen = camera.capture(asked)
        out_file.write_bytes(seen.png)
    except (MailflowError, OSError) as refused:
        fail(str(refused))
    for key, value in (
        ("address", seen.address),
        ("taken at", seen.taken_at.isoformat()),
        ("sha256", hashlib.sha256(seen.png).hexdigest()),
        ("text", " ".join(seen.text.split())[:_SHOWN]),
    ):
        out.print(f"{key}: {value}", markup=False, highlight=False, soft_wrap=True)
