"""Phases of a create, and the relay that sees them."""

import asyncio

import pytest

from bench.profile import PHASES, Loading, phases
from bench.tap import Tap

#: Of a connection: opened, upgrade, 101, hello, its answer, finish, codes. Seconds.
PASSED = [10.2, 10.201, 10.203, 10.204, 10.206, 10.216, 10.22]


def test_phases_of_a_create_that_starts_a_process_add_up() -> None:
    *spans, whole = phases(10.0, 10.01, PASSED, 10.23, Loading(node=30, program=100))
    assert spans == pytest.approx([10, 30, 100, 60, 3, 1, 2, 10, 4, 10])
    assert whole == pytest.approx(sum(spans))
    assert len(spans) == len(PHASES)


def test_a_process_that_ran_before_the_request_costs_it_no_start() -> None:
    *spans, whole = phases(10.19, 4.0, PASSED, 10.23, Loading(node=30, program=100))
    assert spans[:4] == pytest.approx([0, 0, 0, 10])
    assert whole == pytest.approx(sum(spans))


def test_bytes_after_the_codes_change_nothing() -> None:
    loading = Loading(node=30, program=100)
    assert phases(10.0, 10.01, [*PASSED, 10.5], 10.23, loading) == phases(10.0, 10.01, PASSED, 10.23, loading)


async def test_the_relay_notes_each_change_of_direction_once() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            writer.write(line.upper())
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server, Tap.opened() as (tap, url):
        tap.target = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/ws/chat"
        port = int(url.rpartition(":")[2].partition("/")[0])
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for text in (b"one\n", b"two\n"):
            writer.write(text)
            assert await reader.readline() == text.upper()
        writer.close()
        await writer.wait_closed()
        assert await reader.read() == b""
    [moments] = tap.connections
    assert len(moments) == 5
    assert moments == sorted(moments)
