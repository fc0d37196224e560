"""Greetings of a channel: each writer that is opened is closed."""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from unittest.mock import Mock

import pytest

from server.connectors.channel import Channel
from server.connectors.folders import make_fifo
from server.connectors.pipes import LineWriter
from server.core.paths import StateFolder
from tests.support.descriptors import open_below


class Listener(Mock):
    """Knows no session, so that no hello is written."""

    async def session(self, session_id: str) -> None:
        return None


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[LineWriter]:
    """The writers that were opened."""
    writers: list[LineWriter] = []
    open_now = LineWriter.open

    async def slowly(path: Path, on_lost: Callable[[LineWriter], None]) -> LineWriter | None:
        writer = await open_now(path, on_lost)
        if writer is not None:
            writers.append(writer)
        await asyncio.sleep(0)
        return writer

    monkeypatch.setattr(LineWriter, "open", slowly)
    return writers


@pytest.fixture
def channel(tmp_path: Path) -> Channel:
    folder = StateFolder(tmp_path).session("shop")
    folder.path.mkdir(parents=True)
    make_fifo(folder.events)
    make_fifo(folder.commands)
    return Channel("shop", folder, Listener(), on_begun=lambda _: None)


async def test_of_two_greetings_at_once_one_writer_stays_open(
    channel: Channel, opened: list[LineWriter], tmp_path: Path
) -> None:
    connector = os.open(StateFolder(tmp_path).session("shop").commands, os.O_RDONLY | os.O_NONBLOCK)
    await asyncio.gather(channel.greet(), channel.greet())
    assert [is_closed(writer) for writer in opened] == [True, False]
    await channel.close()
    assert all(map(is_closed, opened))
    os.close(connector)


@pytest.mark.parametrize("is_abandoned", [False, True])
async def test_a_channel_that_is_closed_during_a_greeting_leaves_no_writer_open(
    channel: Channel, opened: list[LineWriter], tmp_path: Path, is_abandoned: bool
) -> None:
    connector = os.open(StateFolder(tmp_path).session("shop").commands, os.O_RDONLY | os.O_NONBLOCK)
    greeting = asyncio.create_task(channel.greet())
    while not opened:  # noqa: ASYNC110 - the greeting sets no event
        await asyncio.sleep(0)
    if is_abandoned:
        channel.abandon()
    else:
        await channel.close()
    await greeting
    assert [is_closed(writer) for writer in opened] == [True]
    os.close(connector)


@pytest.mark.parametrize("is_abandoned", [False, True])
async def test_a_channel_that_is_closed_before_it_read_a_line_leaves_no_pipe_open(
    channel: Channel, tmp_path: Path, is_abandoned: bool
) -> None:
    await channel.open()  # No connector reads the pipe of commands: nothing is awaited.
    if is_abandoned:
        channel.abandon()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    else:
        await channel.close()
    assert open_below(tmp_path) == []


async def test_a_closed_channel_greets_nobody(
    channel: Channel, opened: list[LineWriter], tmp_path: Path
) -> None:
    connector = os.open(StateFolder(tmp_path).session("shop").commands, os.O_RDONLY | os.O_NONBLOCK)
    await channel.close()
    await channel.greet()
    assert opened == []
    os.close(connector)


def is_closed(writer: LineWriter) -> bool:
    assert writer._transport is not None
    return writer._transport.is_closing()
