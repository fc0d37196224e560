"""What the pages on codes, keys, metrics and commands tell people to type works as it is printed."""

import asyncio
import json
from collections.abc import AsyncGenerator
from pathlib import Path

import aiohttp
import pytest

from server.core.settings.model import LISTEN
from tests.support.motte import Motte
from tests.support.newcomer import printed_blocks
from tests.support.scanner import read_png, read_text
from tests.support.shell import WITHIN, page, printed, prompted, typed

#: Those that make keys; the page on metrics has one of the page on keys.
MAKE_KEYS = list(
    dict.fromkeys(
        line
        for name in ("keys.md", "metrics.md")
        for block in printed_blocks(page(name))
        for line in block.splitlines()
    )
)


#: What the lines of docs/reference/scanning.md are told by.
OF_SCANNING = ("format=text", "image/png", "/events", "scan-link")


def scanning(motte: Motte, part: str) -> str:
    """The line of docs/reference/scanning.md in which this stands, for this Motte."""
    [line] = [line for line in prompted(page("scanning.md")) if part in line]
    usual = f"localhost:{LISTEN.address.port}"
    assert usual in line
    return line.replace(f" {usual}", f" {motte.serve.url()}")


async def status(motte: Motte, path: str, key: str) -> int:
    """What a key gets there."""
    return (await motte.ask("GET", path, headers={"Authorization": f"Bearer {key}"})).status


@pytest.fixture
async def made(motte: Motte, tmp_path: Path) -> AsyncGenerator[list[str]]:
    """What the lines printed that make keys."""
    yield (await printed(await typed(motte.serve, tmp_path, *MAKE_KEYS))).splitlines()
    names = [line.split()[3] for line in MAKE_KEYS]
    revoke = [f"motte keys revoke {name} --yes" for name in names]
    await printed(await typed(motte.serve, tmp_path, *revoke))


def test_every_line_of_these_pages_is_tried() -> None:
    """What moves a session is typed in tests/cli/running/test_backup.py."""
    for line in prompted(page("scanning.md")):
        assert sum(part in line for part in OF_SCANNING) == 1, line
    assert len(printed_blocks(page("scanning.md"))) == 0
    assert len(printed_blocks(page("commands.md"))) == len(["to move a session", "to complete commands"])


async def test_the_code_is_drawn_in_the_terminal_and_saved_as_a_picture(motte: Motte, tmp_path: Path) -> None:
    code = (await motte.create())["qrCode"]
    drawn = await printed(await typed(motte.serve, tmp_path, scanning(motte, "format=text")))
    await printed(await typed(motte.serve, tmp_path, scanning(motte, "image/png")))
    assert read_text(drawn.strip("\n")) == read_png((tmp_path / "code.png").read_bytes()) == code


async def test_a_stream_is_followed_until_its_session_is_deleted(motte: Motte, tmp_path: Path) -> None:
    await motte.create()
    program = await typed(motte.serve, tmp_path, scanning(motte, "/events"))
    assert program.stdout
    async with asyncio.timeout(WITHIN):
        await program.stdout.readuntil(b"event: session.status")
    await motte.delete()
    assert "event: session.deleted" in await printed(program)


async def test_a_link_opens_the_page_of_its_session(motte: Motte, tmp_path: Path) -> None:
    await motte.create()
    link = json.loads(await printed(await typed(motte.serve, tmp_path, scanning(motte, "scan-link"))))
    async with aiohttp.ClientSession() as browser, browser.get(link["url"]) as answer:
        assert (answer.status, answer.content_type) == (200, "text/html")


async def test_the_keys_open_what_they_are_made_for(motte: Motte, made: list[str]) -> None:
    prometheus, bound = [line for line in made if line.startswith("motte_")]
    await motte.create()
    assert await status(motte, "/metrics", prometheus) == 200
    assert await status(motte, "/metrics", bound) == 403
    assert await status(motte, "/sessions/shop/messages", bound) == 200
    assert await status(motte, "/sessions/shop", bound) == 403
