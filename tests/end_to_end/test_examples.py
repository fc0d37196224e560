"""The examples of docs/how-to/api.md do what they say."""

import asyncio
import json
import re
import sys
from asyncio.subprocess import Process
from pathlib import Path

import aiohttp
import pytest

from server.api.cors import RESPONSE_HEADERS
from server.api.prefer_header import MAX_WAIT_SECONDS
from server.cli.serve.launch import NODE
from server.core.settings.model import Settings
from tests.support.event_readers import events_after
from tests.support.eventually import eventually
from tests.support.motte import Motte
from tests.support.phones import ANN, Phones
from tests.support.scanner import read_png, read_svg, read_text
from tests.support.shell import WITHIN, page, printed, started, typed

API = page("api.md")

LINK = "Link an account: create, show the code, wait for the scan"
FOLLOW = "Follow a session without polling"
POLL = "Poll events by a cursor"

#: Task by task, what the page says.
TASKS = dict(re.findall(r"^## ([^\n]*)\n(.*?)(?=^## |\Z)", API, re.MULTILINE | re.DOTALL))


def examples(task: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", TASKS[task], re.MULTILINE | re.DOTALL)


async def curled(motte: Motte, place: Path, task: str) -> Process:
    """A shell that types what curl is told for a task."""
    return await typed(motte.serve, place, "echo\n".join(examples(task, "sh")))


async def is_there(motte: Motte, session_id: str) -> bool:
    return (await motte.get(session_id, params={"refresh": "false"})).status == 200


@pytest.mark.parametrize("language", ["python", "js"])
@pytest.mark.parametrize("task", [LINK, FOLLOW])
async def test_a_program_shows_the_code_and_ends_when_the_account_is_linked(
    motte: Motte, phones: Phones, tmp_path: Path, task: str, language: str
) -> None:
    if task == FOLLOW:
        await motte.create("by-python" if language == "python" else "by-javascript")
    [example] = examples(task, language)
    file = tmp_path / ("example.py" if language == "python" else "example.mjs")
    file.write_text(example)
    program = await started(
        motte.serve, tmp_path, sys.executable if language == "python" else str(NODE), str(file)
    )
    assert program.stdout
    async with asyncio.timeout(WITHIN):
        line = (await program.stdout.readline()).decode()
        shown = re.fullmatch(r"show this code: (\S+) until \S+Z\n", line)
        assert shown, line + (await program.stdout.read()).decode()
        await phones.scan(shown[1])
    assert (await printed(program)).splitlines()[-1] == f"connected {ANN}"


async def test_curl_polls_events(motte: Motte, phones: Phones, tmp_path: Path) -> None:
    await motte.connect()
    await phones.write("Hello", id="CAME")
    await eventually(motte.messages)
    await printed(await curled(motte, tmp_path, POLL))
    first, second = (json.loads((tmp_path / name).read_text()) for name in ("page.json", "next.json"))
    assert first["items"]  # tests before this one may have left some
    for found in (first, second):
        assert {event["type"] for event in found["items"]} <= {"message.received", "message.status"}
    ids = [event["id"] for event in (*first["items"], *second["items"])]
    assert len(ids) == len({*ids})


@pytest.mark.parametrize("language", ["python", "js"])
async def test_a_program_polls_each_event_once_though_it_is_killed(
    motte: Motte, phones: Phones, tmp_path: Path, language: str
) -> None:
    await motte.connect()
    [example] = examples(POLL, language)
    file = tmp_path / ("example.py" if language == "python" else "example.mjs")
    file.write_text(example)
    command = (sys.executable if language == "python" else str(NODE), str(file))

    async def read(program: Process, message_id: str) -> None:
        assert program.stdout
        async with asyncio.timeout(WITHIN):
            line = (await program.stdout.readline()).decode()
        assert line == f"message.received shop {message_id}\n"

    _, cursor = await events_after(motte)  # tests before this one may have left some
    place = tmp_path / "cursor.txt"
    place.write_text(cursor)

    async def has_moved() -> bool:
        return place.read_text() not in ("", cursor)

    await phones.write("Hello", id="FIRST")
    program = await started(motte.serve, tmp_path, *command)
    try:
        await read(program, "FIRST")
        await eventually(has_moved)
        program.kill()
        await program.wait()
        await phones.write("Hello", id="SECOND")
        program = await started(motte.serve, tmp_path, *command)
        await read(program, "SECOND")
    finally:
        program.kill()
        await program.wait()


async def test_curl_waits_for_the_scan(motte: Motte, phones: Phones, tmp_path: Path) -> None:
    program = await curled(motte, tmp_path, LINK)
    await eventually(lambda: is_there(motte, "by-curl"))
    await phones.scan((await motte.read("by-curl"))["qrCode"])
    await printed(program)
    assert json.loads((tmp_path / "session.json").read_text())["status"] in ("pairing", "connected")


async def test_curl_gets_pictures_of_the_code(motte: Motte, tmp_path: Path) -> None:
    drawn = await printed(await curled(motte, tmp_path, "Show the code as a picture"))
    code = (await motte.look("drawn"))["qrCode"]
    assert read_png((tmp_path / "code.png").read_bytes()) == code
    assert read_svg((tmp_path / "code.svg").read_text()) == code
    assert read_text(drawn.strip("\n")) == code


async def test_curl_follows_a_session_until_it_is_deleted(
    motte: Motte, phones: Phones, tmp_path: Path
) -> None:
    code = (await motte.create("by-curl"))["qrCode"]
    program = await curled(motte, tmp_path, FOLLOW)
    assert program.stdout
    async with asyncio.timeout(WITHIN):
        await program.stdout.readuntil(b"event: session.status")
        await phones.scan(code)
        await program.stdout.readuntil(b'"status":"connected"')
    await motte.delete("by-curl")
    assert "event: session.deleted" in await printed(program)


async def test_a_link_of_curl_shows_the_code_to_whoever_has_it(motte: Motte, tmp_path: Path) -> None:
    link = json.loads(await printed(await curled(motte, tmp_path, "Let somebody else scan")))
    async with aiohttp.ClientSession() as browser, browser.get(link["url"]) as page:
        assert (page.status, page.content_type) == (200, "text/html")


async def test_what_else_curl_is_told_works(motte: Motte, tmp_path: Path) -> None:
    code = json.loads(await printed(await curled(motte, tmp_path, "Link an account without scanning")))
    assert len(code["code"]) == 8
    said = await printed(await curled(motte, tmp_path, "List, rename, stop, start, delete"))
    page, named, stopped, woken = map(json.loads, filter(None, said.splitlines()))
    assert [session["id"] for session in page["items"]] == ["typed"]
    assert (named["name"], named["deviceName"]) == ("The shop", "Till 2")
    assert (stopped["status"], woken["status"]) == ("stopped", "qr_waiting")
    assert not await is_there(motte, "typed")


def test_every_example_belongs_to_a_task_that_is_tried() -> None:
    tried = {
        LINK,
        FOLLOW,
        POLL,
        "Show the code as a picture",
        "Let somebody else scan",
        "Link an account without scanning",
        "List, rename, stop, start, delete",
    }
    assert {task for task in TASKS if any(examples(task, kind) for kind in ("sh", "python", "js"))} == tried


def test_the_node_of_n8n_creates_a_session() -> None:
    [example] = examples("Link an account from n8n", "json")
    [node] = json.loads(example)["nodes"]
    assert node["parameters"]["url"].endswith("/sessions")
    assert json.loads(node["parameters"]["jsonBody"]) == {"id": "from-n8n"}
    assert node["parameters"]["options"]["timeout"] > Settings(state=Path("/state")).qr_timeout * 1000


def test_a_client_that_waits_as_long_as_the_page_says_waits_for_every_response() -> None:
    said = re.search(
        r"A create may take (\d+) seconds, a read (\d+), and a read with `Prefer: wait=(\d+)` a minute\.\n"
        r" *Set the time-out of your client to (\d+) seconds, and to (\d+) where you wait",
        API,
    )
    assert said
    create, read, change, client, client_that_waits = map(float, said.groups())
    settings = Settings(state=Path("/state"))
    assert (create, read, change) == (settings.qr_timeout, settings.refresh_timeout, MAX_WAIT_SECONDS)
    assert max(create, read) < client
    assert change < client_that_waits


def test_the_page_names_the_headers_that_a_page_of_another_origin_may_read() -> None:
    [named] = re.findall(r"and the headers (`.*`)\.$", API, re.MULTILINE)
    assert re.findall(r"`([\w-]+)`", named) == RESPONSE_HEADERS.split(", ")
