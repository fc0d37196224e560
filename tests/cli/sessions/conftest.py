"""`motte sessions`, against a stand-in for the API."""

import asyncio
from collections.abc import Callable, Generator

import pytest
from click.testing import CliRunner, Result

from server.cli import main
from server.core.paths import StateFolder
from tests.cli.sessions.api import FakeApi
from tests.cli.stand_in import leading, serving

Motte = Callable[..., Result]


@pytest.fixture
def api() -> FakeApi:
    return FakeApi()


@pytest.fixture
def motte(api: FakeApi, folder: StateFolder) -> Generator[Motte]:
    """Run `motte sessions …` while the fake API answers in the name of a front."""

    async def call(arguments: tuple[str, ...], answers: str | None) -> Result:
        async with serving(folder, api.app()):
            command = ["sessions", *arguments]
            return await asyncio.to_thread(CliRunner().invoke, main, command, input=answers)

    with leading(folder):
        yield lambda *arguments, answers=None: asyncio.run(call(arguments, answers))
