"""Connectors whose memory grows: slowly, and one is exchanged; at once, and it crashes alone."""

import os
import signal
import sys
from collections.abc import Generator
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

import pytest

from server.cli.serve.launch import NODE
from tests.support.eventually import eventually
from tests.support.motte import Motte
from tests.support.phones import ANN, Phones

BEN = "15557654321"

LIMIT = 160

#: Loaded by Node before the connector: what makes it grow when it is told to.
GROW = """
const kept = []
process.on('SIGUSR2', () => kept.push(Buffer.alloc(100 * 2 ** 20, 1)))
process.on('SIGWINCH', () => { for (;;) kept.push(new Array(100_000).fill(0).map(() => ({}))) })
"""

#: Seconds: a look each half minute, ten quiet seconds, a start, on a busy host.
RECYCLED = 90.0


@pytest.fixture(scope="module")
def settings() -> Generator[dict[str, str]]:
    with TemporaryDirectory() as folder:
        grow = Path(folder, "grow.mjs")
        grow.write_text(GROW)
        node = Path(folder, "node")
        node.write_text(f"#!/bin/sh\nexec '{NODE}' --import='{grow}' \"$@\"\n")
        node.chmod(0o700)
        yield {
            "MOTTE_CONNECTOR_MEMORY": str(LIMIT),
            "MOTTE_NODE": str(node),
            "MOTTE_CONNECTOR_ISOLATION": "off",  # the program is a script
        }


async def is_back(motte: Motte, session_id: str, counted: str) -> bool:
    """Whether its process was exchanged once, and the session is connected."""
    connector = await motte.connector(session_id)
    return bool(connector[counted] == 1 and (await motte.look(session_id))["status"] == "connected")


async def test_a_connector_above_its_limit_is_exchanged_in_a_quiet_moment(
    motte: Motte, phones: Phones
) -> None:
    await motte.connect("shop", ANN)
    await motte.connect("cafe", BEN)
    cafe = await motte.pid("cafe")
    before = (await motte.connector())["memory"]
    assert before < LIMIT * 2**20
    os.kill(await motte.pid(), signal.SIGUSR2)
    grown = monotonic()
    await eventually(lambda: is_back(motte, "shop", "recycled"), within=RECYCLED)
    connector = await motte.connector()
    sizes = f"{before >> 20} MiB at first, {connector['memory'] >> 20} now"
    sys.stdout.write(f"exchanged after {monotonic() - grown:.1f} s: {sizes}\n")
    assert connector["memory"] < LIMIT * 2**20
    assert connector["restarts"] == 0
    assert await motte.pid("cafe") == cafe


async def test_a_connector_whose_heap_is_full_crashes_alone_and_comes_back(
    motte: Motte, phones: Phones
) -> None:
    await motte.connect("shop", ANN)
    await motte.connect("cafe", BEN)
    cafe = await motte.pid("cafe")
    os.kill(await motte.pid(), signal.SIGWINCH)
    await eventually(lambda: is_back(motte, "shop", "restarts"), within=RECYCLED)
    assert (await motte.connector())["recycled"] == 0
    assert await motte.pid("cafe") == cafe
