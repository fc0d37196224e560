"""What a soak and a chaos look for, they find."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from server.connectors.folders import make_fifo
from server.core.paths import StateFolder
from store.ports.leases import LeaseStore
from store.sqlite.store import open_store
from tests.soak.belongings import odd_belongings

NOW = 100.0


@pytest.fixture
async def leases(tmp_path: Path) -> AsyncIterator[LeaseStore]:
    async with open_store(StateFolder(tmp_path).database, boot_id="boot-1") as store:
        yield store.leases


@pytest.fixture
def folder(tmp_path: Path, leases: LeaseStore) -> StateFolder:
    """One session, with its pipes."""
    shop = StateFolder(tmp_path).session("shop")
    shop.path.mkdir(parents=True)
    make_fifo(shop.commands)
    make_fifo(shop.events)
    return StateFolder(tmp_path)


async def test_a_session_with_its_pipes_whose_lease_ran_out_is_as_it_should_be(
    folder: StateFolder, leases: LeaseStore
) -> None:
    await leases.take("shop", owner="front", now=NOW - 15, ttl=15)
    assert odd_belongings(folder, ["shop"], now=NOW) == []


async def test_a_lease_that_is_held_is_told(folder: StateFolder, leases: LeaseStore) -> None:
    await leases.take("shop", owner="front", now=NOW - 14, ttl=15)
    assert odd_belongings(folder, ["shop"], now=NOW) == ["a lease of shop"]


async def test_a_pipe_that_is_missing_and_one_of_nobody_are_told(folder: StateFolder) -> None:
    folder.session("shop").events.unlink()
    make_fifo(folder.session("shop").path / "third.fifo")
    assert odd_belongings(folder, ["shop"], now=NOW) == [
        "no pipe shop/events.fifo",
        "a pipe of nobody: shop/third.fifo",
    ]
    assert odd_belongings(folder, [], now=NOW) == [
        "a pipe of nobody: shop/commands.fifo",
        "a pipe of nobody: shop/third.fifo",
    ]
