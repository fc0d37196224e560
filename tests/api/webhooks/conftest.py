"""Webhooks on the loopback, and a server that takes what it gets."""

from collections.abc import AsyncGenerator
from dataclasses import replace

import pytest

from server.core.settings.model import Settings
from tests.support.consumer import Consumer, consumer


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, allow_private_webhooks=True)


@pytest.fixture
async def good() -> AsyncGenerator[Consumer]:
    async with consumer() as found:
        yield found
