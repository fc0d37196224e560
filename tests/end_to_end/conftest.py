"""The whole of Motte on its real parts, against a simulated WhatsApp."""

import asyncio
import sys
from collections.abc import AsyncGenerator, Generator

import pytest

from tests.support.motte import Motte
from tests.support.phones import Phones, Sandbox
from tests.support.serve import Serve


@pytest.fixture(scope="session")
def sandbox() -> Generator[Sandbox]:
    sandbox = Sandbox()
    yield sandbox
    sandbox.stop()


@pytest.fixture(scope="module")
def settings() -> dict[str, str]:
    """Beside those that lead to the sandbox. A module that needs some has a fixture of this name."""
    return {}


@pytest.fixture(scope="session")
def serves() -> Generator[dict[str, Serve]]:
    """Every `motte serve` that the tests have started, by its settings."""
    serves: dict[str, Serve] = {}
    yield serves
    for serve in serves.values():
        serve.stop()
        serve.remove()


@pytest.fixture(scope="module")
def serve(sandbox: Sandbox, settings: dict[str, str], serves: dict[str, Serve]) -> Serve:
    """Modules with the same settings share one: tests leave no session behind."""
    name = str(settings)
    if name not in serves:
        serves[name] = Serve({**sandbox.settings, **settings})
    return serves[name]


@pytest.fixture
async def phones(sandbox: Sandbox, settings: dict[str, str]) -> AsyncGenerator[Phones]:
    """A WhatsApp that knows nobody yet, and shows codes as long as connectors do."""
    async with Phones(sandbox.control_url) as phones:
        await phones.reset()
        if "MOTTE_QR_LIFETIME" in settings:
            await phones.show_codes_for(float(settings["MOTTE_QR_LIFETIME"]))
        yield phones
        assert (await phones.state())["unknownQueries"] == []


@pytest.fixture
async def motte(serve: Serve, phones: Phones) -> AsyncGenerator[Motte]:
    async with Motte.opened(serve, phones) as motte:
        yield motte
        sys.stdout.write(serve.logs())  # shown where the test has failed
        await phones.misbehave()
        await motte.ready()
        await motte.clear()


@pytest.fixture
async def mine(sandbox: Sandbox) -> AsyncGenerator[Motte]:
    """A Motte of this test's own: it is stopped, changed and started again."""
    serve = Serve(sandbox.settings)
    async with Phones(sandbox.control_url) as phones:
        await phones.reset()
        async with Motte.opened(serve, phones) as motte:
            yield motte
    await asyncio.to_thread(serve.stop)
    serve.remove()
