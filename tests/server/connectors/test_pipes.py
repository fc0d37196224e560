"""Lines that come up a pipe, however they are written."""

import asyncio
import os
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from server.connectors.folders import make_fifo
from server.connectors.pipes import LONGEST_LINE, OVERLONG, PIECE_BYTES, LineReader

#: A pipe is read in pieces of this many bytes.
PIECE = 256 * 1024


@pytest.fixture
async def reader(tmp_path: Path) -> AsyncGenerator[LineReader]:
    make_fifo(tmp_path / "pipe")
    reader = LineReader(tmp_path / "pipe")
    reader.budget.is_waived = True
    yield reader
    reader.close()


async def _write(path: Path, *pieces: bytes) -> None:
    pipe = os.open(path / "pipe", os.O_WRONLY)
    try:
        for piece in pieces:
            left = piece
            while left:
                left = left[await asyncio.to_thread(os.write, pipe, left) :]
    finally:
        os.close(pipe)


async def test_a_line_as_long_as_the_limit_is_read(reader: LineReader, tmp_path: Path) -> None:
    writing = asyncio.create_task(_write(tmp_path, b"x" * LONGEST_LINE, b"\n"))
    async with asyncio.timeout(30):
        assert await anext(aiter(reader)) == b"x" * LONGEST_LINE
    await writing


@pytest.mark.parametrize("size", [LONGEST_LINE + 1, 3 * LONGEST_LINE, 10 * LONGEST_LINE])
async def test_a_line_that_is_too_long_is_dropped_whole(
    reader: LineReader, tmp_path: Path, size: int
) -> None:
    """Its end, too, were it a line by itself."""
    writing = asyncio.create_task(_write(tmp_path, b"x" * size, b'{"a":1}\n', b'{"b":1}\n'))
    lines = aiter(reader)
    async with asyncio.timeout(30):
        assert [await anext(lines), await anext(lines)] == [OVERLONG, b'{"b":1}']
    await writing


async def test_a_line_without_an_end_takes_no_more_than_a_bounded_memory(
    reader: LineReader, tmp_path: Path
) -> None:
    most = 0
    writing = asyncio.create_task(_write(tmp_path, *[b"x" * PIECE] * 80, b"\n{}\n"))
    lines = aiter(reader)
    reading = asyncio.ensure_future(anext(lines))
    while not reading.done():
        most = max(most, len(reader._rest))
        await asyncio.sleep(0)
    await writing
    assert [await reading, await anext(lines)] == [OVERLONG, b"{}"]
    assert PIECE < most <= LONGEST_LINE


async def test_lines_that_come_in_pieces_are_put_together(reader: LineReader, tmp_path: Path) -> None:
    writing = asyncio.create_task(_write(tmp_path, b"\n\n{", b'"a"', b":1}\n{}", b"\n"))
    lines = aiter(reader)
    async with asyncio.timeout(30):
        assert [await anext(lines), await anext(lines)] == [b'{"a":1}', b"{}"]
    await writing


async def test_a_file_that_is_no_pipe_is_not_opened(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    make_fifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to(tmp_path / "pipe")
    for name in ("file", "link", "missing"):
        with pytest.raises(OSError, match=name):
            LineReader(tmp_path / name)


async def test_what_nobody_wants_stays_in_the_pipe(tmp_path: Path) -> None:
    make_fifo(tmp_path / "pipe")
    reader = LineReader(tmp_path / "pipe")
    pipe = os.open(tmp_path / "pipe", os.O_WRONLY | os.O_NONBLOCK)
    written = os.write(pipe, b"{}\n" * PIECE_BYTES)
    assert await anext(aiter(reader)) == b"{}"
    written += os.write(pipe, b"{}\n" * PIECE_BYTES)
    with pytest.raises(BlockingIOError):
        os.write(pipe, b"{}\n" * PIECE_BYTES)
    assert written <= 2 * PIECE_BYTES
    reader.close()
    os.close(pipe)


async def test_blank_lines_that_come_one_by_one_leave_others_their_turn(
    reader: LineReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    pieces = 0

    async def blank() -> bytes:
        nonlocal pieces
        pieces += 1
        assert pieces < 1000, "nobody else has had a turn"
        return b"\n"

    monkeypatch.setattr(reader, "_piece", blank)
    reading = asyncio.ensure_future(anext(aiter(reader)))
    await asyncio.sleep(0)
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    assert 0 < pieces < 1000
