"""Commands next to one real gateway, which the tests of this folder share."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from click.testing import CliRunner, Result

from server.cli import main
from tests.end_to_end.conftest import motte, phones, sandbox, serve, serves, settings
from tests.support.motte import Motte
from tests.support.serve import API_KEY

__all__ = ["motte", "phones", "sandbox", "serve", "serves", "settings"]

RunCommand = Callable[..., Awaitable[Result]]


@pytest.fixture
def command(motte: Motte, monkeypatch: pytest.MonkeyPatch) -> RunCommand:
    """Run `motte ARGUMENTS` on the state folder of the gateway, with its key."""
    monkeypatch.setenv("MOTTE_STATE", str(motte.folder.path))
    monkeypatch.setenv("MOTTE_API_KEY", API_KEY)
    monkeypatch.delenv("MOTTE_CONNECTOR_ISOLATION")  # as the gateway has it
    return lambda *arguments: asyncio.to_thread(CliRunner().invoke, main, arguments)
