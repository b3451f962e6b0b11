"""The commands of docs/operations.md, run in order on a wheel that was built just now."""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
TESTED = re.findall(r"\*\*\[tested\]\*\*\n\n```sh\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps"]
    command += ["--no-build-isolation", "--wheel-dir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, timeout=100)
    (built,) = folder.glob("mailflow-*.whl")
    return built


def test_the_wheel_holds_all_that_is_read_at_run_time(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    for part in ("templates/mail", "config/alerts", "config/platforms", "config/mailflow.toml"):
        source = ROOT / part
        files = [source] if source.is_file() else [f for f in source.rglob("*") if f.is_file()]
        assert files
        for file in files:
            assert f"mailflow/_shipped/{file.relative_to(ROOT)}" in names
    inside = [f for f in (ROOT / "mailflow").rglob("*") if f.suffix in {".toml", ".mako", ".py"}]
    assert {f.relative_to(ROOT).as_posix() for f in inside if f.name != "_shipped"} <= names


def test_the_commands_of_the_page_install_configure_and_back_up(wheel, tmp_path):
    script = "set -euo pipefail\n" + "\n".join(TESTED)
    for folder in ("/opt/mailflow", "/etc/mailflow", "/var/lib/mailflow"):
        place = tmp_path / folder.strip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        script = script.replace(folder, str(place))
    shutil.copy(wheel, tmp_path)
    # The example's database lies elsewhere; the rest of the file is as init-config writes it.
    seam = f"init-config {tmp_path}/etc/mailflow/mailflow.toml\n"
    assert seam in script
    moved = f"sed -i 's|^#url = .*|url = \"sqlite:///{tmp_path}/var/lib/mailflow/m.db\"|' "
    script = script.replace(seam, f"{seam}{moved}{tmp_path}/etc/mailflow/mailflow.toml\n")
    # Dependencies are borrowed from this environment instead of being installed once more; its
    # own mailflow is not: an editable install works in its own site-packages only.
    borrowed = {"PIP_NO_DEPS": "1", "PYTHONPATH": sysconfig.get_path("purelib")}
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), **borrowed},
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "is fine" in done.stdout.replace("\n", " ")
    assert "The record is whole" in done.stdout
    assert (tmp_path / "var/lib/mailflow/backup-1").stat().st_size > 0
    where = [str(tmp_path / "opt/mailflow/bin/python"), "-c", "import mailflow; print(mailflow)"]
    from_ = subprocess.run(where, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert str(tmp_path) in from_.stdout, "it ran from the wheel"


def test_secrets_and_state_are_nobody_elses():
    assert len(TESTED) >= 4
    assert "install -d -m 0700 /var/lib/mailflow" in PAGE
    assert "umask 027" in PAGE
