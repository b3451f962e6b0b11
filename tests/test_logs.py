"""Logs are lines that machines can read and that tell nobody's secrets."""

import ast
import json
import logging
from pathlib import Path

import pytest
import structlog

from mailflow.logs import EVENTS, configure, shown


@pytest.fixture(autouse=True)
def logging_as_before():
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def logged(capsys, event="order.done", **facts):
    configure("info", json_lines=True)
    structlog.get_logger().info(event, **facts)
    return json.loads(capsys.readouterr().err)


def test_a_line_is_json_with_name_level_and_time(capsys):
    line = logged(capsys, ticket="T-1")
    assert (line["event"], line["level"], line["ticket"]) == ("order.done", "info", "T-1")
    assert line["timestamp"].endswith("Z")


def test_secrets_and_texts_are_hidden(capsys):
    line = logged(capsys, password="p", access_token="t", body="dear", raw=b"abc")
    assert {line[key] for key in ("password", "access_token", "body", "raw")} == {"(hidden)"}


def test_addresses_are_shown_in_part(capsys):
    line = logged(capsys, to="retailer@example.com", addresses=["a@example.com"])
    assert line["to"] == "r***@example.com"
    assert line["addresses"] == ["a***@example.com"]


def test_an_address_within_a_reason_is_shown_in_part(capsys):
    line = logged(capsys, because="retailer@example.com wrote, (ops@example.com) did not")
    assert line["because"] == "r***@example.com wrote, (o***@example.com) did not"


def test_what_is_no_address_is_masked_too():
    assert shown("retailer") == "r***"
    assert shown("") == "***"


def test_a_name_that_is_not_listed_is_marked(capsys):
    assert logged(capsys, "surprise")["unlisted"] is True
    assert "unlisted" not in logged(capsys, "service.started")


def test_lower_levels_are_left_out(capsys):
    configure("warning", json_lines=True)
    structlog.get_logger().info("service.started")
    assert capsys.readouterr().err == ""


def test_a_terminal_gets_readable_lines(capsys):
    configure("info", json_lines=False)
    structlog.get_logger().info("service.started")
    assert "service.started" in capsys.readouterr().err


def named_in_the_code():
    levels = {"debug", "info", "warning", "error", "exception", "critical"}
    for path in (Path(__file__).parents[1] / "mailflow").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            if node.func.attr in levels and node.args and isinstance(node.args[0], ast.Constant):
                yield node.args[0].value


def test_every_name_in_the_code_is_in_the_list():
    assert set(named_in_the_code()) - EVENTS == set()


def test_the_journal_is_told_how_grave_a_line_is(capsys, monkeypatch):
    monkeypatch.setenv("JOURNAL_STREAM", "8:1")
    configure("info", json_lines=True)
    structlog.get_logger().error("order.shelved", because="no")
    structlog.get_logger().info("order.done")
    grave, plain = capsys.readouterr().err.splitlines()
    assert (grave[:3], plain[:3]) == ("<3>", "<6>")
    assert json.loads(grave[3:])["event"] == "order.shelved"
