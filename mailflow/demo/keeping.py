"""What to tell somebody who wants to look inside the running demo."""

import sys
from pathlib import Path

from mailflow.demo.people import BOX, JSON_ALERTS, PEOPLE, SHOPS, STAFF
from mailflow.demo.stage import Stage

_TEXT = """
All of it goes on running. Press Ctrl-C to end it; everything is removed then.

Look inside, in another terminal:
  {mailflow} tickets --config {config}
  {mailflow} show MF-1001 --config {config}
  {mailflow} shelf --config {config}
  tail -f {log}

The platform's pages:  {web}/

Play anybody with any mail program: IMAP 127.0.0.1:{imap}, SMTP 127.0.0.1:{smtp}, no encryption,
the user is the address.
{people}

What to try:
1. Let a job fail that had gone well again. Break it on the platform:
     curl -X POST {web}/control/jobs/orders-north-otter/break
   and send this text as {alerts} to {box}:
     {failure}
   It is stopped, and {shop} gets a mail within seconds.
2. Answer that mail as {shop}: with a promise, a question, anger, nonsense. Nothing closes.
3. Repair the job, and answer "We have renewed the access token.":
     curl -X POST {web}/control/jobs/orders-north-otter/fix
   It runs on trial. {staff} is asked for a picture.
4. As {staff}, answer with a screenshot of
     {web}/jobs/orders-north-otter
   or of another job's page, or with a line such as NOTE: called them, or KEEP PAUSED: they move.
"""
_FAILURE = """{"failures": [{"job": {"id": "orders-north-otter", "name": "Orders North Shop"},
       "retailer": "north", "marketplace": "otter", "kind": "access token",
       "error": "401: the access token has expired"}]}"""


def _mailflow() -> str:
    """Name the command of this very installation; another one may be on the path."""
    command = Path(sys.executable).with_name("mailflow")
    return str(command) if command.exists() else f"{sys.executable} -m mailflow"


def invitation(stage: Stage) -> str:
    """Say where everything is and what can be tried."""
    imap, smtp, web = stage.ports
    persons = [STAFF, *(shop.address for shop in SHOPS), JSON_ALERTS, BOX]
    lines = [f"  {person:<28} password: {PEOPLE[person]}" for person in persons]
    return _TEXT.format(
        mailflow=_mailflow(),
        config=stage.config,
        log=stage.folder / "mailflow.log",
        web=f"http://127.0.0.1:{web}",
        imap=imap,
        smtp=smtp,
        people="\n".join(lines),
        alerts=JSON_ALERTS,
        box=BOX,
        failure=_FAILURE,
        shop=SHOPS[0].address,
        staff=STAFF,
    )
