"""`motte sessions create --qr` and `motte sessions qr --follow`, against a stand-in for the API."""

import asyncio
import json
from collections.abc import AsyncGenerator
from typing import Any

import pytest
from aiohttp import web
from click.testing import CliRunner, Result

from server.cli import main
from server.core.paths import StateFolder
from tests.cli.sessions.api import CODE, session
from tests.cli.stand_in import leading, serving
from tests.cli.terminal_program import TEST_TIMEOUT_SECONDS, ended, run_in_terminal

SECOND = CODE.replace("x", "y")

LINK = "http://127.0.0.1:8090/scan/" + "t" * 80

CONNECTED = {"status": "connected", "qrCode": None, "qrExpiresAt": None, "phoneNumber": "15551234567"}


class FakeApi:
    """An API with one session, which changes when a test says so."""

    def __init__(self) -> None:
        self.session = session(status="starting", qrCode=None, qrExpiresAt=None)
        #: Of a refusal, with its status; None: it does not refuse.
        self.problem: tuple[int, dict[str, Any]] | None = None
        self.asked: list[str] = []
        self.headers: list[dict[str, str]] = []
        self._version = 0
        #: Which version somebody wants to be newer than.
        self._awaited: str | None = None
        self._change = asyncio.Condition()

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_post("/sessions", self._create)
        app.router.add_get("/sessions/shop", self._read)
        app.router.add_post("/sessions/shop/scan-link", self._link)
        return app

    async def become(self, **changes: Any) -> None:
        async with self._change:
            self.session = session(**changes)
            self._version += 1
            self._change.notify_all()

    async def awaited(self) -> None:
        """Return once somebody waits for a change."""
        async with asyncio.timeout(TEST_TIMEOUT_SECONDS), self._change:
            await self._change.wait_for(lambda: self._awaited == self._tag())

    async def refuse(self, status: int, **problem: Any) -> None:
        async with self._change:
            self.problem = (status, problem)
            self._change.notify_all()

    def _note(self, request: web.Request) -> None:
        self.asked.append(f"{request.method} {request.rel_url}")
        self.headers.append(dict(request.headers))

    async def _create(self, request: web.Request) -> web.Response:
        self._note(request)
        return self._answer(status=202)

    async def _read(self, request: web.Request) -> web.Response:
        self._note(request)
        seen = request.headers.get("If-None-Match")
        async with self._change:
            if seen is not None:
                assert "wait=" in request.headers["Prefer"]
                self._awaited = seen
                self._change.notify_all()
                await self._change.wait_for(lambda: self.problem is not None or seen != self._tag())
            if "refresh" not in request.query:  # a read waits for a code
                await self._change.wait_for(lambda: self.problem is not None or self._has_prepared())
            if self.problem is not None:
                return web.json_response(self.problem[1], status=self.problem[0])
            return self._answer()

    async def _link(self, request: web.Request) -> web.Response:
        self._note(request)
        return web.json_response({"url": LINK, "expiresAt": "2100-01-01T00:00:00.000Z"}, status=201)

    def _has_prepared(self) -> bool:
        return bool(self.session["status"] != "starting")

    def _tag(self) -> str:
        return f'W/"{self._version}"'

    def _answer(self, status: int = 200) -> web.Response:
        return web.json_response(self.session, status=status, headers={"ETag": self._tag()})


@pytest.fixture
async def api(folder: StateFolder) -> AsyncGenerator[FakeApi]:
    """It answers in the name of a front."""
    api = FakeApi()
    with leading(folder):
        async with serving(folder, api.app()):
            yield api


async def unseen(*arguments: str) -> Result:
    """`motte ARGUMENTS` whose output goes to a program."""
    return await asyncio.to_thread(CliRunner().invoke, main, arguments)


async def test_each_code_is_drawn_in_the_place_of_the_last_one_until_the_session_is_connected(
    api: FakeApi,
) -> None:
    async with run_in_terminal("sessions", "create", "shop", "--qr") as (program, process):
        await program.shows("Waiting for the first code")
        await api.become()
        await program.shows_code(CODE)
        await program.shows("Scan it within")
        await api.become(qrCode=SECOND)
        await program.shows_code(SECOND)
        await api.become(status="pairing", qrCode=None, qrExpiresAt=None)
        await program.shows("Scanned. Connecting")
        assert program.screen.code() is None
        await api.become(**CONNECTED)
        assert await ended(program, process) == 0
    assert program.text == "shop: connected as 15551234567"


async def test_a_create_that_shows_codes_does_not_wait_for_the_first(api: FakeApi) -> None:
    await api.become(**CONNECTED)
    assert (await unseen("sessions", "create", "shop", "--qr")).exit_code == 0
    assert api.asked == ["POST /sessions", "GET /sessions/shop?refresh=false"]
    assert api.headers[0]["Prefer"] == "respond-async"


async def test_a_small_terminal_gets_a_link_and_the_code_once_it_is_large(api: FakeApi) -> None:
    await api.become()
    async with run_in_terminal("sessions", "create", "shop", "--qr", columns=90, lines=20) as (
        program,
        process,
    ):
        await program.shows("Scan it within")
        assert "this one has 90 and 20" in program.text
        assert LINK in "".join(program.text.splitlines())
        assert program.screen.code() is None
        program.resize(120, 60)
        await program.shows_code(CODE)
        await api.become(**CONNECTED)
        assert await ended(program, process) == 0
    assert api.asked.count("POST /sessions/shop/scan-link") == 1


async def test_a_person_is_shown_what_the_command_waits_for(api: FakeApi) -> None:
    async with run_in_terminal("sessions", "qr", "shop") as (program, process):
        await program.shows("Waiting for a code …")
        await api.become()
        assert await ended(program, process) == 0
    assert "Waiting" not in program.text
    assert program.screen.code() == CODE


async def test_a_program_is_shown_no_progress(api: FakeApi) -> None:
    await api.become()
    assert (await unseen("sessions", "qr", "shop", "--output", "json")).stderr == ""


async def test_ctrl_c_keeps_the_session_and_shows_how_to_go_on(api: FakeApi) -> None:
    await api.become()
    async with run_in_terminal("sessions", "create", "shop", "--qr") as (program, process):
        await program.shows_code(CODE)
        program.press(b"\x03")
        assert await ended(program, process) == 130
    assert program.text.endswith("shop is kept. To go on: motte sessions qr shop --follow")
    assert program.screen.code() is None
    assert {asked.partition(" ")[0] for asked in api.asked[1:]} == {"GET"}


@pytest.mark.parametrize("output", ["table", "json"])
async def test_a_program_gets_a_line_for_each_change(api: FakeApi, output: str) -> None:
    running = asyncio.create_task(unseen("sessions", "qr", "shop", "--follow", "--output", output))
    for change in ({}, {"qrCode": SECOND}, CONNECTED):
        await api.awaited()
        await api.become(**change)
    result = await running
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    if output == "table":
        assert lines == [CODE, SECOND]
        assert "shop: connected as 15551234567" in result.stderr
    else:
        told = [json.loads(line) for line in lines]
        assert [item["qrCode"] for item in told] == [None, CODE, SECOND, None]
        assert told[-1]["status"] == "connected"


async def test_a_status_that_needs_a_person_is_4_with_its_reason(api: FakeApi) -> None:
    reason = {"code": "version-rejected", "detail": "set MOTTE_WHATSAPP_VERSION"}
    await api.become(status="failed", qrCode=None, qrExpiresAt=None, statusReason=reason)
    result = await unseen("sessions", "qr", "shop", "--follow")
    assert result.exit_code == 4
    assert "it is failed (version-rejected: set MOTTE_WHATSAPP_VERSION)" in result.stderr


async def test_a_code_that_does_not_come_is_1_in_the_words_of_the_api(api: FakeApi) -> None:
    async with run_in_terminal("sessions", "create", "shop", "--qr") as (program, process):
        await program.shows("Waiting for the first code")
        await api.refuse(504, code="qr-timeout", detail="WhatsApp gave no code")
        assert await ended(program, process) == 1
    assert program.text == "Error: qr-timeout: WhatsApp gave no code"
