"""Prometheus metrics, read from the memory when they are asked for, and two pages for probes."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import structlog
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from mailflow.edges.mailbox_state import MailboxState
from mailflow.tickets.errors import MailflowError
from mailflow.tickets.ticket import State
from mailflow.workflow.alarms import TokenState
from mailflow.workflow.digest import STOPS, containment_began
from mailflow.workflow.figures import Figures
from mailflow.workflow.memory import Memory
from mailflow.workflow.ports import Clock

log = structlog.get_logger()

_BUCKETS = (0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1800)
_REQUEST_SECONDS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """What the metrics are read from."""

    memory: Memory
    clock: Clock
    mailbox: MailboxState
    mailbox_name: str
    seconds_since_read: Callable[[], float]
    tokens: Callable[[], tuple[TokenState, ...]] = tuple
    brake: Callable[[], str] = str  # why sending is stopped, "" while it is not


class MailflowCollector(Collector):
    """Counts at the moment of the scrape: nothing can drift from what is stored."""

    def __init__(self, sources: Sources, registry: CollectorRegistry) -> None:
        self._sources = sources
        self._lock = threading.Lock()
        self._seen_until = sources.clock.now()
        self._containment = Histogram(
            "mailflow_arrival_to_containment_seconds",
            "Seconds from the arrival of an alert to the recorded outcome of the stop.",
            ["outcome"],
            buckets=_BUCKETS,
            registry=registry,
        )
        registry.register(self)

    def describe(self) -> list[Metric]:
        return []  # or registering would already ask the database

    def collect(self) -> Iterator[Metric]:
        now = self._sources.clock.now()
        up = GaugeMetricFamily("mailflow_database_up", "1 while the database answers.")
        try:
            with self._sources.memory.read() as uow:
                figures = uow.figures()
            self._observe_stops(now)
        except MailflowError:
            up.add_metric([], 0)
        else:
            up.add_metric([], 1)
            yield from _of_figures(figures, now)
        yield up
        yield from self._of_the_mailbox()
        yield from self._of_tokens(now)

    def _observe_stops(self, now: datetime) -> None:
        with self._lock, self._sources.memory.read() as uow:
            for entry in uow.tickets.happened(self._seen_until, now):
                outcome = STOPS.get(entry.event)
                if outcome and entry.state_before == State.CONTAINING:
                    took = entry.at - containment_began(uow, entry)
                    self._containment.labels(outcome).observe(max(0.0, took.total_seconds()))
            self._seen_until = now

    def _of_the_mailbox(self) -> Iterator[Metric]:
        name = [self._sources.mailbox_name]
        up = GaugeMetricFamily(
            "mailflow_mailbox_up", "1 while the mailbox is being read.", labels=["mailbox"]
        )
        up.add_metric(name, float(self._sources.mailbox.unread_since is None))
        read = GaugeMetricFamily(
            "mailflow_mailbox_last_read_age_seconds",
            "Seconds since the folder was last read to its end.",
            labels=["mailbox"],
        )
        read.add_metric(name, self._sources.seconds_since_read())
        stopped = GaugeMetricFamily("mailflow_sending_stopped", "1 while no mail may leave.")
        stopped.add_metric([], float(bool(self._sources.brake())))
        yield from (up, read, stopped)

    def _of_tokens(self, now: datetime) -> Iterator[Metric]:
        left = GaugeMetricFamily(
            "mailflow_token_expiry_seconds",
            "Seconds until a person has to renew it.",
            labels=["token"],
        )
        refused = GaugeMetricFamily(
            "mailflow_token_refused", "1 while it is refused.", labels=["token"]
        )
        for token in self._sources.tokens():
            refused.add_metric([token.name], float(bool(token.refused)))
            if token.expires_at is not None:
                left.add_metric([token.name], (token.expires_at - now).total_seconds())
        yield from (left, refused)


def _of_figures(figures: Figures, now: datetime) -> Iterator[Metric]:
    mails = CounterMetricFamily("mailflow_mails", "Mails handled, by kind.", labels=["kind"])
    for kind, count in figures.mails.items():
        mails.add_metric([kind], count)
    refused = CounterMetricFamily(
        "mailflow_refusals", "Everything ever put on the shelf, by reason.", labels=["reason"]
    )
    for reason, count in figures.refused.items():
        refused.add_metric([reason], count)
    tickets = GaugeMetricFamily("mailflow_tickets", "Open tickets, by state.", labels=["state"])
    for state in State:
        if state is not State.CLOSED:
            tickets.add_metric([state], figures.tickets.get(state, 0))
    shelf = GaugeMetricFamily("mailflow_shelf_items", "Waiting on the shelf.", labels=["kind"])
    for kind, count in figures.shelf.items():
        shelf.add_metric([kind], count)
    yield from (mails, refused, tickets, shelf, *_single(figures, now), *_orders(figures, now))


def _single(figures: Figures, now: datetime) -> Iterator[Metric]:
    oldest_mail = _age(figures.oldest_unhandled, now)
    oldest_stop = _age(figures.containing_since, now)
    for name, words, value in (
        ("mailflow_mails_waiting", "Mails kept and not yet understood.", figures.unhandled),
        (
            "mailflow_oldest_waiting_mail_age_seconds",
            "Age of the oldest of them.",
            oldest_mail,
        ),
        ("mailflow_sends_unsure", "Mails that may or may not have left.", figures.unsure),
        ("mailflow_containment_failed_tickets", "Open tickets not stopped.", figures.not_stopped),
        (
            "mailflow_oldest_stop_age_seconds",
            "Age of the oldest stop not done.",
            oldest_stop,
        ),
    ):
        yield GaugeMetricFamily(name, words, value=value)


def _orders(figures: Figures, now: datetime) -> Iterator[Metric]:
    labels = ["lane", "state"]
    count = GaugeMetricFamily("mailflow_orders", "Orders neither done nor dropped.", labels=labels)
    age = GaugeMetricFamily(
        "mailflow_oldest_order_age_seconds", "How long the oldest one is overdue.", labels=labels
    )
    for key, lane in figures.orders.items():
        count.add_metric(list(key), lane.count)
        age.add_metric(list(key), _age(lane.oldest_due, now))
    yield from (count, age)


def _age(since: datetime | None, now: datetime) -> float:
    return 0.0 if since is None else max(0.0, (now - since).total_seconds())


class MetricsServer:
    """Serves /metrics, and /healthz and /readyz: 200, or 503 with what is wrong, a line each."""

    def __init__(
        self, address: tuple[str, int], sources: Sources, *,
        faults: Callable[[], list[str]], ready: Callable[[], list[str]],
    ) -> None:  # fmt: skip
        registry = CollectorRegistry()
        ProcessCollector(namespace="mailflow", registry=registry)
        MailflowCollector(sources, registry)
        pages = {"/healthz": faults, "/readyz": ready}
        self._server = ThreadingHTTPServer(address, _handler(registry, pages))
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, name="metrics", daemon=True
        )

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Close the port."""
        self._server.shutdown()
        self._server.server_close()


def _handler(
    registry: CollectorRegistry, pages: dict[str, Callable[[], list[str]]]
) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = _REQUEST_SECONDS

        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            if path == "/metrics":
                self._answer(200, generate_latest(registry), CONTENT_TYPE_LATEST)
            elif path in pages:
                faults = pages[path]()
                text = "\n".join(faults or ["ok"]) + "\n"
                self._answer(503 if faults else 200, text.encode(), "text/plain; charset=utf-8")
            else:
                self._answer(404, b"/metrics, /healthz, /readyz\n", "text/plain; charset=utf-8")

        def _answer(self, code: int, body: bytes, kind: str) -> None:
            self.send_response(code)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing: a scrape every few seconds is no event."""

    return Handler
