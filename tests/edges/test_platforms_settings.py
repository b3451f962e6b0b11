import pytest
from pydantic import ValidationError

from mailflow.settings.platforms import PlatformSettings
from tests.edges.platform_helpers import example_settings

URL = "https://jobs.example.com"


def test_the_shipped_example_loads():
    assert example_settings(URL).state is not None


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("run_now.path", {"run_now": {"path": "/jobs/{jbo}"}}),
        ("run_now.path", {"run_now": {"path": "/jobs/{job"}}),
        ("run_now.path", {"run_now": {"path": "jobs/{job}"}}),
        ("run_now.body", {"run_now": {"path": "/{job}", "body": {"a": ["{who}"]}}}),
        ("run_now.headers", {"run_now": {"path": "/{job}", "headers": {"X": "{who}"}}}),
        ("page_url", {"page_url": "/{who}"}),
        ("state.value", {"state": {"path": "/{job}", "value": "$.a[", "values": {"a": "stopped"}}}),
        ("runs.items", {"runs": {"path": "/{job}", "items": "runs", "values": {"a": "failed"}}}),
        ("runs.values", {"runs": {"path": "/{job}", "items": "$", "values": {"a": "fine"}}}),
        ("zone", {"zone": "Mars/Olympus"}),
    ],
)
def test_a_fault_is_named_by_its_field(field: str, changes: dict[str, object]):
    with pytest.raises(ValidationError) as raised:
        example_settings(URL, **changes)
    found = ".".join(str(part) for part in raised.value.errors()[0]["loc"])
    assert found.startswith(field)


@pytest.mark.parametrize(
    ("message", "changes"),
    [
        ("names no job", {"run_now": {"path": "/run-everything"}}),
        ("cannot be checked", {"state": None}),
        ("needs a secret_file", {"auth": {"scheme": "bearer"}}),
        ("base_url", {"base_url": "jobs.example.com"}),
        (
            "send the secret readable",
            {
                "base_url": "http://jobs.example.com",
                "auth": {"scheme": "bearer", "secret_file": "token"},
            },
        ),
    ],
)
def test_a_dangerous_description_is_refused(message: str, changes: dict[str, object]):
    with pytest.raises(ValidationError, match=message):
        PlatformSettings(**(example_settings(URL).model_dump() | changes))
