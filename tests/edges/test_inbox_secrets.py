from pathlib import Path

import pytest

from mailflow.edges.secrets import read_secret
from mailflow.tickets.errors import GiveUp


@pytest.mark.parametrize(
    ("content", "secret"),
    [(b"abc\n", "abc"), (b"abc\r\n", "abc"), (b"abc\n\n", "abc\n"), (b" a b ", " a b ")],
)
def test_one_line_end_is_dropped_and_nothing_else(tmp_path, content, secret):
    (tmp_path / "s").write_bytes(content)
    assert read_secret(tmp_path / "s") == secret


def test_relative_paths_lie_below_the_credentials_directory(tmp_path, monkeypatch):
    (tmp_path / "smtp").write_text("here\n")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert read_secret(Path("smtp")) == "here"


@pytest.mark.parametrize("content", [b"", b"\n", b"\xff\xfehush", b"hush" * 20_000])
def test_what_is_no_secret_is_refused_by_file_name_without_its_content(tmp_path, content):
    (tmp_path / "s").write_bytes(content)
    with pytest.raises(GiveUp, match=str(tmp_path / "s")) as caught:
        read_secret(tmp_path / "s")
    assert "hush" not in caught.value.reason
    assert caught.value.__cause__ is None


def test_a_missing_file_and_a_missing_setting_say_what_to_do(tmp_path):
    with pytest.raises(GiveUp, match="create it"):
        read_secret(tmp_path / "none")
    with pytest.raises(GiveUp, match="name a file"):
        read_secret(None)
