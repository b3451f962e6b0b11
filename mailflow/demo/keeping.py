"""What to tell somebody who wants to look inside the running demo."""

from mailflow.demo.people import BOX, JSON_ALERTS, PEOPLE, SHOPS, STAFF
from mailflow.demo.stage import Stage

_TEXT = """
All of it goes on running. Press Ctrl-C to end it; everything is removed then.

Look inside, in another terminal:
  mailflow tickets --config {config}
  mailflow show MF-1001 --config {config}
  mailflow shelf --config {config}
  tail -f {log}

The platform's pages:  http://127.0.0.1:{web}/

Play a retailer with any mail program: IMAP 127.0.0.1:{imap}, SMTP 127.0.0.1:{smtp}, no encryption,
the user is the address. Answer a mail of mailflow and see what comes back.
{people}
To make a job fail, break it and send its alert as {alerts} to {box}:
  {failure}
"""
_FAILURE = """{"failures": [{"job": {"id": "orders-north-otter", "name": "Orders North Shop"},
   "retailer": "north", "marketplace": "otter", "kind": "order sync",
   "error": "401: the access token has expired"}]}"""


def invitation(stage: Stage) -> str:
    """Say where everything is and what can be tried."""
    imap, smtp, web = stage.ports
    persons = [STAFF, *(shop.address for shop in SHOPS), JSON_ALERTS, BOX]
    lines = [f"  {person:<28} password: {PEOPLE[person]}" for person in persons]
    return _TEXT.format(
        config=stage.config,
        log=stage.folder / "mailflow.log",
        web=web,
        imap=imap,
        smtp=smtp,
        people="\n".join(lines),
        alerts=JSON_ALERTS,
        box=BOX,
        failure=_FAILURE,
    )
