"""The second reader against a stand-in for a model server, over real HTTP."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from mailflow.edges.language_model import LanguageModelReader
from mailflow.settings.second_reader import SecondReaderSettings
from mailflow.tickets.ticket import Subject
from mailflow.understanding.confirmation import Asked
from mailflow.understanding.meaning import Answer

ASKED = Asked(
    ticket="MF-1",
    marketplace="otter",
    subject=Subject.REPAIR,
    language="en",
    all_marketplaces=("otter",),
)
DENIAL = {"answer": "denial", "confirms": None, "quote": "it still fails"}


class Model:
    """A server that answers every question alike and remembers what it was asked."""

    def __init__(self, status: int, answer: bytes, *, silent: bool = False) -> None:
        self.asked: list[tuple[str, dict[str, str], Any]] = []
        self.released = threading.Event()
        model = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                body = json.loads(self.rfile.read(length))
                model.asked.append((self.path, dict(self.headers), body))
                if silent:
                    model.released.wait(30)
                    return
                self.send_response(status)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/v1"


@contextmanager
def model(status: int, answer: bytes, *, silent: bool = False) -> Iterator[Model]:
    stand_in = Model(status, answer, silent=silent)
    thread = threading.Thread(target=stand_in.server.serve_forever)
    thread.start()
    try:
        yield stand_in
    finally:
        stand_in.released.set()
        stand_in.server.shutdown()
        thread.join()
        stand_in.server.server_close()


def said(content: object) -> bytes:
    text = content if isinstance(content, str) else json.dumps(content)
    return json.dumps({"choices": [{"message": {"content": text}}]}).encode()


def read(stand_in: Model, own: str = "Sorry, it still fails.", **more: Any):
    settings = SecondReaderSettings(base_url=stand_in.address, model="small", **more)
    reader = LanguageModelReader(settings)
    try:
        return reader.read(own, ASKED)
    finally:
        reader.close()


def test_an_opinion_is_asked_for_with_the_reply_as_data_and_the_key_in_its_header(tmp_path: Path):
    (tmp_path / "key").write_text("sesame\n")
    with model(200, said(DENIAL)) as stand_in:
        opinion = read(stand_in, secret_file=tmp_path / "key")

    assert opinion is not None
    assert (opinion.answer, opinion.quote) == (Answer.DENIAL, "it still fails")
    ((path, headers, body),) = stand_in.asked
    assert path == "/v1/chat/completions"
    assert headers["Authorization"] == "Bearer sesame"
    question = json.loads(body["messages"][1]["content"])
    assert question == {
        "asked": "change",
        "marketplace": "otter",
        "reply": "Sorry, it still fails.",
    }


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        pytest.param(500, said(DENIAL), id="an error of the server"),
        pytest.param(401, b"{}", id="a refused key"),
        pytest.param(302, b"", id="a redirect"),
        pytest.param(200, b"<html>", id="no JSON"),
        pytest.param(200, b"[]", id="another shape"),
        pytest.param(200, said("I think it is fine."), id="prose"),
        pytest.param(200, said({**DENIAL, "answer": "accepted"}), id="an unknown answer"),
        pytest.param(200, said({**DENIAL, "sure": 0.9}), id="a field too many"),
        pytest.param(200, said({"answer": "denial"}), id="a field too few"),
        pytest.param(200, said("x" * 100_000), id="an endless answer"),
    ],
)
def test_whatever_is_no_strict_answer_is_no_opinion(status: int, answer: bytes):
    with model(status, answer) as stand_in:
        assert read(stand_in) is None


def test_a_model_that_does_not_answer_has_no_opinion():
    with model(200, b"", silent=True) as stand_in:
        assert read(stand_in, read_seconds=0.2) is None


def test_a_server_that_is_away_has_no_opinion():
    with model(200, said(DENIAL)) as stand_in:
        pass
    assert read(stand_in) is None


def test_replies_are_never_sent_readable_over_a_network():
    with pytest.raises(ValidationError, match="https"):
        SecondReaderSettings(base_url="http://models.example.com/v1", model="small")
