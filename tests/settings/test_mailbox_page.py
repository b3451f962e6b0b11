"""The set-ups on the page about the mailbox can be used as they stand."""

import re
from pathlib import Path

import pytest

from mailflow.settings.loading import BadSettings, load_settings
from mailflow.settings.mail import Login, Profile

_REST = """
[staff]
members = ["staff@example.com"]
notify = ["staff@example.com"]
[replies]
token_key_file = "token-key"
"""
_WHOLE = [
    block
    for block in re.findall(
        r"```toml\n(.*?)```", Path("docs/mailbox.md").read_text("utf-8"), re.DOTALL
    )
    if "[inbox]" in block
]


def loaded(tmp_path: Path, text: str):
    file = tmp_path / "mailflow.toml"
    file.write_text(text + _REST)
    return load_settings(file)


def test_each_set_up_on_the_page_loads(tmp_path):
    made = [loaded(tmp_path, block) for block in _WHOLE]
    assert [each.authentication.profile for each in made] == [
        Profile.POSTFIX,
        Profile.M365,
        Profile.GMAIL,
    ]
    assert [each.inbox.login for each in made] == [Login.PASSWORD, Login.OAUTH2, Login.OAUTH2]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (("[oauth2]", "[oauth2]\nscope = ''\n#"), "oauth2.grant"),
        (('user = "integrations@example.com"\naddress', "address"), "inbox.user"),
        (('tenant = "example.com"\n', ""), "tenant"),
        (("[oauth2]", '[alarms.relay]\nlogin = "oauth2"\n[oauth2]'), "password only"),
        (('profile = "m365"', 'profile = "m365"\nattestations = "unstamped"'), "anybody"),
    ],
)
def test_a_set_up_that_could_not_work_is_refused_with_its_remedy(tmp_path, change, why):
    text = _WHOLE[1].replace(*change)
    if why == "oauth2.grant":
        text = re.sub(r"\[oauth2\].*?\[auth", "[auth", _WHOLE[1], flags=re.DOTALL)
    assert text != _WHOLE[1]
    with pytest.raises(BadSettings, match=why):
        loaded(tmp_path, text)
