"""The digest as it leaves: from a real memory, by the real templates, into both bodies."""

import email
import email.policy
from dataclasses import replace
from datetime import time, timedelta

import pytest

from mailflow.edges.mail_templates import TemplateLetters
from mailflow.store.unit_of_work import open_memory
from mailflow.tickets import events as e
from mailflow.tickets.ticket import ProofKind
from mailflow.workflow.carry_out import carry_out_next
from mailflow.workflow.digest import place_digest
from mailflow.workflow.records import ShelfKind
from tests.builders import START, minute, paused, proven
from tests.store.courses import nearly_closed, open_one, tell
from tests.workflow.office import TEAM, HandClock, desk_over


class Outbox:
    """Keeps what it is given to send."""

    def __init__(self):
        self.sent = []

    def send(self, mail):
        self.sent.append(mail)
        return ()

    def was_sent(self, message_id):
        return any(mail.message_id == message_id for mail in self.sent)


def played(memory):
    """Let one thing of every sort happen."""
    tell(memory, nearly_closed(memory), proven(ProofKind.SCREENSHOT_ACCEPTED, 13))
    late = tell(memory, open_one(memory, "T-2", "feed-8"), paused(10))
    assert late.deadline is not None
    tell(memory, late, e.DeadlinePassed(at=late.deadline, due=late.deadline))
    tell(memory, open_one(memory, "T-3", "feed-9"), e.PauseFailed(at=minute(5), because="500"))
    with memory.write() as uow:
        uow.shelf.put(ShelfKind.TRIAGE, "an alert that no rule reads", at=minute(5))


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("stopped after 1 min", "our team was asked", "For us (1)", "confirmed successful")),
        ("de", ("gestoppt nach 1 min", "unser Team wurde gefragt", "Auf uns (1)", "bestätigter")),
    ],
)
def test_a_digest_is_written_from_what_is_recorded_and_sent_once(tmp_path, language, words):
    memory = open_memory(f"sqlite:///{tmp_path}/m.db")
    clock, outbox = HandClock(START - timedelta(days=1)), Outbox()
    team = replace(TEAM, language=language, zone="Europe/Berlin", digest_at=time(7, 30))
    letters = TemplateLetters(None, TEAM.mailbox, TEAM.name)
    desk = desk_over(memory, clock, team=team, letters=letters, outbox=outbox)
    place_digest(desk)
    played(memory)
    clock.now_is(START + timedelta(days=3))
    assert place_digest(desk)
    assert not place_digest(desk)
    while carry_out_next(desk, owner="t"):
        pass
    with memory.read() as uow:
        assert [item.kind for item in uow.shelf.items()] == [ShelfKind.TRIAGE], "nothing failed"
    memory.close()
    (mail,) = outbox.sent
    html = email.message_from_bytes(mail.raw, policy=email.policy.default).get_body(("html",))
    assert html is not None
    for body in (mail.text, html.get_content()):
        plain = " ".join(body.split())
        for word in (*words, "T-2", "T-3"):
            assert word in plain, (word, plain)
    assert mail.to == TEAM.notify
    assert 'role="img"' in html.get_content()
    assert "aria-label" in html.get_content()
