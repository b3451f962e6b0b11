"""One zip tells the whole story, and nothing in it is run."""

import json
import zipfile
from hashlib import sha256

import pytest

from mailflow.edges.whole_story import export_ticket
from mailflow.store.serial import canonical
from mailflow.store.unit_of_work import open_memory
from mailflow.tickets.errors import GiveUp
from mailflow.workflow.ports import IncomingMail
from mailflow.workflow.records import StoredFile
from tests.builders import minute, paused
from tests.store.courses import closed, open_one, tell

HOSTILE = "<script>alert(1)</script>{{ 7*7 }}"


@pytest.fixture
def memory(database_url):
    opened = open_memory(database_url)
    ticket = closed(opened)
    tell(opened, open_one(opened, "T-2", "feed-8"), paused(2))
    with opened.write() as uow:
        mail = IncomingMail(folder="I", uidvalidity=1, uid=1, raw=b"raw", received_at=minute(0))
        kept = uow.mails.keep(mail, "<1@t.test>")
        uow.mails.mark_handled(kept.id, kind="reply", because=HOSTILE, tickets=[ticket.id])
        file = StoredFile(
            sha256="a" * 64, content_type="image/png", filename=HOSTILE, content=b"\x89PNG"
        )
        uow.files.keep(file, mail_id=kept.id, tickets=[ticket.id])
    yield opened
    opened.close()


def exported(memory, folder, ticket="T-1"):
    with memory.read() as uow:
        export_ticket(uow, ticket, folder / f"{ticket}.zip")
    return zipfile.ZipFile(folder / f"{ticket}.zip")


def test_everything_is_in_it(memory, tmp_path):
    with exported(memory, tmp_path) as story:
        assert story.read("received/1.eml") == b"raw"
        assert story.read(f"files/{'a' * 64}.png") == b"\x89PNG"
        page = story.read("index.html").decode()
    assert "screenshot_accepted" in page
    assert "ProofAccepted" in page
    assert "on the path confirmed" in page


def test_a_file_name_from_a_stranger_is_only_shown(memory, tmp_path):
    with exported(memory, tmp_path) as story:
        page = story.read("index.html").decode()
        assert not any("script" in name for name in story.namelist())
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "default-src 'none'" in page


def test_each_line_can_be_checked_without_mailflow(memory, tmp_path):
    with exported(memory, tmp_path, "T-2") as story:
        lines = [json.loads(line) for line in story.read("events.jsonl").splitlines()]
    assert [line["event"] for line in lines] == ["AlertReceived", "JobPaused"]
    assert lines[1]["previous"] == lines[0]["hash"]
    for line in lines:
        words = canonical([line["salt"], line["data"], line["because"]])
        assert sha256(words.encode()).hexdigest() == line["sealed"]
        bound = ["ticket", "event", "state_before", "state_after", "cause", "sealed"]
        bound += ["at", "previous"]
        text = canonical({key: line[key] for key in bound})
        assert sha256(text.encode()).hexdigest() == line["hash"]


def test_a_ticket_that_is_not_there_and_a_file_that_is(memory, tmp_path):
    with pytest.raises(GiveUp, match="no ticket T-9"):
        exported(memory, tmp_path, "T-9")
    exported(memory, tmp_path).close()
    with pytest.raises(GiveUp, match="exists"):
        exported(memory, tmp_path)
