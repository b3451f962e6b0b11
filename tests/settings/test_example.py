"""The example file is the models, written down."""

import re
import tomllib
from itertools import pairwise
from pathlib import Path

from mailflow.settings.example import example_toml
from mailflow.settings.loading import load_settings, section_in
from mailflow.settings.root import Settings

EXAMPLE = Path(__file__).parents[2] / "config" / "mailflow.toml"


def uncommented(text: str) -> str:
    """Switch every left-out key on."""
    return re.sub(r"^#(?=[\[\w])", "", text, flags=re.MULTILINE)


def test_the_example_file_is_current():
    assert EXAMPLE.read_text(encoding="utf-8") == example_toml()


def test_the_example_file_loads_and_changes_no_default():
    settings = load_settings(EXAMPLE, {})
    assert settings.policy == Settings.model_fields["policy"].default
    assert settings.platforms == {}


def test_every_key_in_the_example_can_be_switched_on(tmp_path):
    path = tmp_path / "mailflow.toml"
    path.write_text(uncommented(example_toml()), encoding="utf-8")
    settings = load_settings(path, {})
    assert settings.platforms["example"].runs is not None
    assert settings.staff.escalate_to == ("lead@example.com",)


def test_every_key_of_every_section_is_in_the_example():
    written = tomllib.loads(uncommented(example_toml()))
    for name, field in Settings.model_fields.items():
        section = section_in(field.annotation)
        if section is not None and name != "platforms":
            assert set(written[name]) == set(section.model_fields)


def test_the_example_names_nobody_real():
    hosts = re.findall(r"[\w.-]+@([\w.-]+)", example_toml())
    assert all(
        host.endswith("example.com") or "postgresql" in host for host in hosts if "." in host
    )


def test_every_key_is_explained():
    lines = example_toml().splitlines()
    for above, line in pairwise(lines):
        if re.match(r"#?\w+ = ", line):
            assert above.startswith("# "), line
