"""What holds for the project as a whole."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAX_LINES = 400
TEST_FOLDERS = {"mails", "end_to_end"}  # besides one for each room
UNIT = (ROOT / "systemd" / "mailflow.service").read_text(encoding="utf-8")


def ours() -> list[Path]:
    """Give every file that is in git, or will be with the next commit."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("this is no git checkout")
    return [path for name in listed.stdout.split("\0") if (path := ROOT / name).is_file() and name]


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")


def found(pattern: str, name: str) -> list[str]:
    return re.findall(pattern, text_of(ROOT / name), re.MULTILINE)


def test_no_code_file_is_longer_than_it_can_be_read():
    sources = [path for path in ours() if path.suffix == ".py"]
    long = {path.name: n for path in sources if (n := text_of(path).count("\n")) > MAX_LINES}
    assert long == {}


def test_no_file_names_a_registry_or_the_place_where_it_was_written():
    forbidden = re.compile(
        r"pypi\.org|pythonhosted|--(extra-)?index-url|--find-links|(?<![\w.{}/-])/work/|file:///(opt|work)"
    )
    allowed = {ROOT / "Makefile", Path(__file__)}  # they name the options in order to avoid them
    named = {
        str(path.relative_to(ROOT)): match[0]
        for path in ours()
        if path not in allowed and (match := forbidden.search(text_of(path)))
    }
    assert named == {}


def test_every_test_folder_is_named_after_a_room():
    rooms = {path.parent.name for path in (ROOT / "mailflow").glob("*/__init__.py")}
    folders = {path.name for path in (ROOT / "tests").iterdir() if list(path.glob("**/*.py"))}
    assert folders - {"__pycache__"} <= rooms | TEST_FOLDERS


def test_every_package_of_the_lock_has_a_hash_and_no_address():
    text = text_of(ROOT / "requirements.lock")
    a_hash = r"    --hash=sha256:[0-9a-f]{64}(?: \\)?\n"
    pins = found(rf"^[a-z0-9._-]+==\S+ (?:; .* )?\\\n(?:{a_hash})+", "requirements.lock")
    starts = found(r"^[a-zA-Z0-9]", "requirements.lock")
    assert len(pins) == len(starts) > 20
    assert "://" not in text
    assert " @ " not in text


def test_every_dependency_is_in_the_lock():
    declared = found(r'^    "([a-z0-9-]+)[\[=><]', "pyproject.toml")
    locked = set(found(r"^([a-z0-9._-]+)==", "requirements.lock"))
    assert set(declared) - {"mailflow"} <= locked


def test_the_drawn_states_are_current():
    script = ROOT / "docs" / "tools" / "draw_states.py"
    drawn = subprocess.run(
        [sys.executable, str(script), "--check"],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert drawn.returncode == 0, drawn.stderr


def test_the_ci_script_is_sound_bash():
    script = ROOT / ".ci" / "run"
    assert script.stat().st_mode & 0o111
    subprocess.run(["bash", "-n", str(script)], check=True)


def test_every_setting_of_the_unit_that_hardens_has_a_reason():
    hardening = UNIT.partition("# The system is read-only")[2]
    commented = 0
    for line in hardening.splitlines():
        if line.startswith("#"):
            commented += 1
        elif line.startswith("["):
            break
    assert commented >= 10


@pytest.mark.parametrize(
    "line",
    [
        "Type=notify",
        "Restart=always",
        "TimeoutStopSec=30",
        "KillMode=control-group",
        "NoNewPrivileges=yes",
        "ProtectSystem=strict",
        "StateDirectory=mailflow",
    ],
)
def test_the_unit_says(line):
    assert line in UNIT.splitlines()


def test_every_secret_of_the_example_is_handed_over_by_the_unit():
    secrets = found(r'^\w+_file = "([a-z-]+)"', "config/mailflow.toml")
    assert secrets
    assert all(f"LoadCredential={name}:" in UNIT for name in secrets)


def test_the_main_commands_of_the_makefile_are_there():
    targets = set(found(r"^([a-z]+):", "Makefile"))
    assert {"venv", "demo", "test", "check", "format", "lock", "clean"} <= targets


@pytest.fixture
def unit(tmp_path):
    """Give the unit with a program that is there, which is all that `verify` minds."""
    file = tmp_path / "mailflow.service"
    text = UNIT.replace("/opt/mailflow/bin/mailflow", "/bin/true")
    file.write_text(text, encoding="utf-8")
    if shutil.which("systemd-analyze") is None:
        if os.environ.get("MAILFLOW_FULL_SUITE") == "1":
            pytest.fail(
                "the full suite needs systemd-analyze; install it with: apt-get install systemd"
            )
        pytest.skip("no systemd-analyze here")
    return file


def analyzed(*words):
    return subprocess.run(
        ["systemd-analyze", "--no-pager", *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
    )


def test_systemd_takes_the_unit_without_a_word(unit):
    done = analyzed("verify", unit)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_the_unit_is_as_closed_as_its_page_says(unit):
    page = text_of(ROOT / "docs" / "operations.md")
    promised = re.search(r"exposure of \*\*([0-9.]+) \(OK\)\*\*", page)
    score = re.search(
        r"exposure level for \S+: ([0-9.]+)", analyzed("security", "--offline=yes", unit).stdout
    )
    assert promised
    assert score
    assert float(score[1]) <= float(promised[1])
