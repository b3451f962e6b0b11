from collections.abc import Iterator

import pytest

from mailflow.demo.platform_server import PlatformServer
from mailflow.edges.platforms.http_json import HttpJsonPlatform
from mailflow.edges.platforms.simulated import SimulatedPlatform
from mailflow.workflow.ports import Platform
from tests.edges.platform_contract import PlatformContract
from tests.edges.platform_helpers import SteppingClock, example_settings


@pytest.fixture
def clock() -> SteppingClock:
    return SteppingClock()


class TestSimulated(PlatformContract):
    @pytest.fixture
    def platform(self, simulated: SimulatedPlatform) -> Platform:
        return simulated


class TestHttpJson(PlatformContract):
    @pytest.fixture
    def platform(self, simulated: SimulatedPlatform) -> Iterator[Platform]:
        with PlatformServer(simulated) as server:
            platform = HttpJsonPlatform("simulated", example_settings(server.url))
            yield platform
            platform.close()
