"""What Prometheus reads, over real HTTP from a real memory."""

import re
import urllib.error
import urllib.request
from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from mailflow.edges.mailbox_state import MailboxState
from mailflow.edges.metrics import MetricsServer, Sources
from mailflow.store.unit_of_work import open_memory
from mailflow.tickets import events as e
from mailflow.tickets.effects import RunJob
from mailflow.workflow.alarms import TokenState
from mailflow.workflow.ports import IncomingMail
from mailflow.workflow.records import NewOrder, ShelfKind
from tests.builders import START, an_alert, minute, opened, paused
from tests.store.courses import open_one, tell
from tests.workflow.office import HandClock


@pytest.fixture
def memory(database_url):
    opened_memory = open_memory(database_url)
    yield opened_memory
    opened_memory.close()


class Scraped:
    def __init__(self, memory):
        self.clock = HandClock(START)
        self.mailbox = MailboxState(self.clock)
        self.faults: list[str] = []
        sources = Sources(
            memory=memory,
            clock=self.clock,
            mailbox=self.mailbox,
            mailbox_name="inbox@example.com",
            seconds_since_read=lambda: 7.0,
            tokens=lambda: (TokenState(name="inbox", expires_at=START + timedelta(days=1)),),
        )
        self.server = MetricsServer(
            ("127.0.0.1", 0), sources, faults=lambda: self.faults, ready=lambda: self.faults
        )
        self.server.start()

    def get(self, path):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.server.port}{path}") as answer:
            return answer.read().decode()

    def values(self):
        return {
            (sample.name, *sorted(sample.labels.values())): sample.value
            for family in text_string_to_metric_families(self.get("/metrics"))
            for sample in family.samples
        }


@pytest.fixture
def scraped(memory):
    scraped = Scraped(memory)
    yield scraped
    scraped.server.stop()


def a_new_order():
    return NewOrder(key="k", ticket="", effect=RunJob(trial=1), lane="act:j", priority=1, due=START)


def a_mail(uid, seconds_ago=0.0):
    at = minute(0) - timedelta(seconds=seconds_ago)
    return IncomingMail(folder="INBOX", uidvalidity=1, uid=uid, raw=b"%d" % uid, received_at=at)


def test_counts_are_those_of_the_memory(memory, scraped):
    with memory.write() as uow:
        first = uow.mails.keep(a_mail(1), "<1@t.test>")
        uow.mails.mark_handled(first.id, kind="alert", because="", tickets=())
        uow.mails.keep(a_mail(2, 40), "<2@t.test>")
        uow.shelf.put(ShelfKind.SENDER_IN_DOUBT, "forged", at=START)
    tell(memory, open_one(memory), e.PauseFailed(at=minute(0), because="500"))
    values = scraped.values()
    assert values["mailflow_mails_total", "alert"] == 1
    assert values["mailflow_mails_waiting",] == 1
    assert values["mailflow_oldest_waiting_mail_age_seconds",] == 40
    assert values["mailflow_tickets", "with_staff"] == 1
    assert values["mailflow_tickets", "on_trial"] == 0
    assert values["mailflow_shelf_items", "sender_in_doubt"] == 1
    assert values["mailflow_refusals_total", "sender_in_doubt"] == 1
    assert values["mailflow_containment_failed_tickets",] == 1
    assert values["mailflow_sends_unsure",] == 0
    assert values["mailflow_token_expiry_seconds", "inbox"] == 86_400
    assert values["mailflow_mailbox_last_read_age_seconds", "inbox@example.com"] == 7
    assert values["mailflow_database_up",] == 1


def test_seconds_from_arrival_to_containment_are_a_histogram_counted_once(memory, scraped):
    with memory.write() as uow:
        kept = uow.mails.keep(a_mail(1, 4), "<1@t.test>")
        ticket = uow.tickets.record(None, an_alert(message=str(kept.id)), opened(), cause="m")
    tell(memory, ticket, paused(0.1))
    scraped.clock.now_is(minute(1))
    scraped.values()
    values = scraped.values()
    assert values["mailflow_arrival_to_containment_seconds_count", "paused"] == 1
    assert values["mailflow_arrival_to_containment_seconds_sum", "paused"] == 10


def test_the_mailbox_is_up_only_while_it_is_read(scraped):
    name = ("mailflow_mailbox_up", "inbox@example.com")
    assert scraped.values()[name] == 0
    scraped.mailbox.hear("watching")
    assert scraped.values()[name] == 1


def test_a_database_that_is_away_is_said_and_the_rest_is_still_served(tmp_path):
    memory = open_memory(f"sqlite:///{tmp_path}/m.db")
    scraped = Scraped(memory)
    memory.close()
    (tmp_path / "m.db").unlink()
    values = scraped.values()
    scraped.server.stop()
    assert values["mailflow_database_up",] == 0
    assert ("mailflow_mailbox_up", "inbox@example.com") in values


def test_every_name_begins_with_ours_and_says_its_unit(scraped):
    names = {f.name for f in text_string_to_metric_families(scraped.get("/metrics"))}
    assert all(name.startswith("mailflow_") for name in names)
    ages = {name for name in names if "age" in name or "expiry" in name or "containment_s" in name}
    assert all(name.endswith("_seconds") for name in ages)


CONFIG = Path(__file__).parents[2] / "config"


@pytest.mark.parametrize("file", ["prometheus/mailflow.rules.yml", "grafana/mailflow.json"])
def test_rules_and_dashboard_name_only_what_is_served(memory, scraped, file):
    with memory.write() as uow:
        kept = uow.mails.keep(a_mail(1, 4), "<1@t.test>")
        ticket = uow.tickets.record(None, an_alert(message=str(kept.id)), opened(), cause="m")
        uow.mails.mark_handled(kept.id, kind="alert", because="", tickets=())
        uow.shelf.put(ShelfKind.TRIAGE, "no rule", at=START)
        uow.orders.place(a_new_order())
    tell(memory, ticket, paused(0.1))
    scraped.clock.now_is(minute(1))
    scraped.values()
    served = {key[0] for key in scraped.values()}
    named = set(re.findall(r"mailflow_[a-z_]+[a-z]", (CONFIG / file).read_text()))
    assert named
    assert named - served == set()


@pytest.mark.parametrize("page", ["/healthz", "/readyz"])
def test_probes_get_200_or_what_is_wrong(scraped, page):
    assert scraped.get(page) == "ok\n"
    scraped.faults.append("mailbox: connection lost")
    with pytest.raises(urllib.error.HTTPError) as refused:
        scraped.get(page)
    assert refused.value.code == 503
    assert refused.value.read() == b"mailbox: connection lost\n"
    refused.value.close()
