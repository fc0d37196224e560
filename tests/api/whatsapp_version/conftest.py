"""A front that looks WhatsApp's version up on a page of the test's own."""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from server.core.settings.model import Settings
from server.whatsapp_version.revisions import BUILT_IN, BUILT_IN_ON
from tests.api.conftest import AT_ONCE, Front, opened
from tests.support.site import Site, site
from tests.support.supervisor import FakeSupervisor
from tests.support.time import TurnedTime


@pytest.fixture
async def page() -> AsyncGenerator[Site]:
    """WhatsApp's site, which announces the built-in version at first."""
    async with site() as found:
        found.announces(BUILT_IN)
        yield found


@pytest.fixture
def settings(tmp_path: Path, page: Site) -> Settings:
    return Settings(state=tmp_path, start_concurrency=AT_ONCE, whatsapp_version_url=page.url)


@pytest.fixture
def time(time: TurnedTime) -> TurnedTime:
    """Fifty days after the built-in version was built."""
    built = datetime.combine(BUILT_IN_ON, datetime.min.time(), UTC).timestamp()
    time.clock.step_wall(built + 50 * 86_400 - time.clock.wall() / 1000)
    return time


@pytest.fixture
async def front(settings: Settings, time: TurnedTime, supervisor: FakeSupervisor) -> AsyncGenerator[Front]:
    async with opened(settings, time, supervisor) as front:
        yield front
