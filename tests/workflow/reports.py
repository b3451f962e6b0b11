"""What a mail server sends back about one of our mails."""

from mailflow.demo.border import stamp
from mailflow.workflow.ports import WrittenMail
from mailflow.workflow.take_in import handle
from tests.workflow.room import Room


def report_on(
    mail: WrittenMail,
    address: str,
    *,
    status: str = "5.1.1",
    action: str = "failed",
    returned: str = "",
    top: str = "Return-Path: <>\n",
) -> bytes:
    """Write a delivery report (RFC 3464) that returns the mail's headers, or `returned`."""
    shown = returned or mail.raw.partition(b"\r\n\r\n")[0].decode().replace("\r\n", "\n")
    return f"""{top}From: Mail Delivery System <MAILER-DAEMON@mx.shop.test>
To: box@mailflow.test
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
Message-ID: <report-{status}-{action}@mx.shop.test>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: text/plain

I'm sorry to have to inform you that your message could not be delivered.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.shop.test

Final-Recipient: rfc822; {address}
Action: {action}
Status: {status}

--b
Content-Type: text/rfc822-headers

{shown}
--b--
""".encode()


def comes_back(room: Room, raw: bytes) -> str:
    """Hand a report in as the border does for a mail that nobody logged in to send."""
    return handle(room.desk, room.keeps(stamp(raw, login="", peer="mx.shop.test")))
