"""`motte sessions`, against a stand-in for the API."""

import asyncio
import json
import os
import re
from collections.abc import Callable, Generator
from contextlib import closing
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from click.testing import CliRunner, Result

from server.cli import main
from server.cli.sessions.qr import TooSmall, drawing
from server.cluster.leader_lock import LeaderLock
from server.core.paths import StateFolder

CODE = "https://wa.me/settings/linked_devices#2@" + "x" * 200

Motte = Callable[..., Result]


def session(session_id: str = "shop", **other: Any) -> dict[str, Any]:
    return {
        "id": session_id,
        "name": None,
        "status": "qr_waiting",
        "statusReason": None,
        "qrCode": CODE,
        "qrExpiresAt": "2100-01-01T00:00:00.000Z",
        "phoneNumber": None,
        "pushName": None,
        "createdAt": "2026-01-01T00:00:00.000Z",
        "updatedAt": "2026-01-01T00:00:01.000Z",
        "connectedAt": None,
        "deviceName": "Motte",
        "proxy": None,
        **other,
    }


def process(session_id: str = "shop", **other: Any) -> dict[str, Any]:
    counted = {"restarts": 3, "recycled": 1, "uptime": 1.0, "memory": 104857600}
    return {
        "id": session_id,
        "state": "running",
        "pid": 7,
        **counted,
        "uptime": 1,
        "memory": 104857600,
        **other,
    }


class FakeApi:
    """An API that answers every session alike and remembers what it was asked."""

    def __init__(self) -> None:
        self.answer: dict[str, Any] = session()
        self.status = 200
        self.process: dict[str, Any] | None = process()
        #: Why a session of the list failed, by its id.
        self.reasons: dict[str, str] = {}
        self.is_empty = False
        self.asked: list[str] = []
        self.bodies: list[Any] = []

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_route("*", "/sessions", self._all)
        app.router.add_route("GET", "/connectors", self._processes)
        app.router.add_route("GET", "/sessions/{id}/connector", self._process)
        app.router.add_route("*", "/{path:.*}", self._one)
        return app

    async def _all(self, request: web.Request) -> web.Response:
        if request.method == "POST":
            return await self._one(request)
        self.asked.append(f"GET {request.rel_url}")
        if self.is_empty:
            return web.json_response({"items": [], "nextCursor": None})
        if "cursor" in request.query:
            return web.json_response({"items": [self._listed("second")], "nextCursor": None})
        return web.json_response({"items": [self._listed("first")], "nextCursor": "more"})

    def _listed(self, session_id: str) -> dict[str, Any]:
        code = self.reasons.get(session_id)
        return session(session_id, statusReason=code and {"code": code, "detail": "why"})

    async def _processes(self, request: web.Request) -> web.Response:
        """The second session was made since."""
        if self.process is None:
            return web.json_response({"code": "supervisor-unavailable"}, status=503)
        return web.json_response({"items": [{**self.process, "id": "first"}]})

    async def _process(self, request: web.Request) -> web.Response:
        if self.process is None:
            return web.json_response({"code": "supervisor-unavailable"}, status=503)
        return web.json_response(self.process)

    async def _one(self, request: web.Request) -> web.Response:
        self.asked.append(f"{request.method} {request.rel_url}")
        self.bodies.append(await request.json() if request.can_read_body else None)
        if request.method == "DELETE":
            return web.Response(status=204)
        return web.json_response(self.answer, status=self.status)


@pytest.fixture
def api() -> FakeApi:
    return FakeApi()


@pytest.fixture
def motte(api: FakeApi, folder: StateFolder) -> Generator[Motte]:
    """Run `motte sessions …` while the fake API answers in the name of a front."""
    folder.path.mkdir()
    folder.admin_key.write_text("motte_key\n")

    async def call(arguments: tuple[str, ...], answers: str | None) -> Result:
        async with TestServer(api.app()) as server:
            url = str(server.make_url("")).rstrip("/")
            folder.front.write_text(json.dumps({"url": url, "pid": 1}))
            command = ["sessions", *arguments]
            return await asyncio.to_thread(CliRunner().invoke, main, command, input=answers)

    with closing(LeaderLock(folder)) as ownership:
        assert ownership.take()
        yield lambda *arguments, answers=None: asyncio.run(call(arguments, answers))


def test_a_list_has_every_page(motte: Motte, api: FakeApi) -> None:
    listed = json.loads(motte("list", "--output", "json").stdout)
    assert [item["id"] for item in listed["items"]] == ["first", "second"]
    assert listed["nextCursor"] is None
    assert api.asked == ["GET /sessions?limit=200", "GET /sessions?limit=200&cursor=more"]


def test_a_list_can_be_of_one_status(motte: Motte, api: FakeApi) -> None:
    motte("list", "--status", "connected")
    assert api.asked[0] == "GET /sessions?limit=200&status=connected"


def test_a_table_is_aligned_under_its_head_and_shows_no_code(motte: Motte) -> None:
    head, *rows = motte("list").stdout.splitlines()
    assert {row.index("qr_waiting") for row in rows} == {head.index("STATUS")}
    assert CODE not in motte("list").output
    assert CODE not in motte("show", "shop").output


def test_tables_show_restarts_and_memory(motte: Motte, api: FakeApi) -> None:
    head, first, second = motte("list").stdout.splitlines()
    assert head.split()[-2:] == ["RESTARTS", "MEMORY"]
    assert first.split()[-3:] == ["3", "100", "MiB"]
    assert second.split()[-2:] == ["-", "-"]
    lines = dict(line.split(maxsplit=1) for line in motte("show", "shop").stdout.splitlines())
    shown = [lines[name] for name in ("process", "restarts", "recycled", "memory")]
    assert shown == ["running", "3", "1", "100 MiB"]


def test_a_process_that_is_asleep_has_no_memory(motte: Motte, api: FakeApi) -> None:
    api.process = process(state="asleep", pid=None, uptime=None, memory=None)
    assert motte("list").stdout.splitlines()[1].split()[-2:] == ["3", "-"]


def test_sessions_are_shown_even_if_their_processes_are_not_known(motte: Motte, api: FakeApi) -> None:
    api.process = None
    assert "RESTARTS" not in motte("list").stdout
    assert "restarts" not in motte("show", "shop").stdout


def test_an_empty_list_says_how_to_create_a_session(motte: Motte, api: FakeApi) -> None:
    api.is_empty = True
    listed = motte("list")
    assert "motte sessions create shop --qr" in listed.stderr
    assert "No session is connected" in motte("list", "--status", "connected").stderr
    assert motte("list", "--output", "json").stderr == ""


def test_tables_say_how_long_ago_something_was(motte: Motte, api: FakeApi) -> None:
    assert re.search(r" [0-9]+ d ago ", motte("list").stdout.splitlines()[1])
    shown = motte("show", "shop").stdout
    assert re.search(r"^created +2026-01-01T00:00:00.000Z \([0-9]+ d ago\)$", shown, re.MULTILINE)
    assert re.search(r"^code until +2100-01-01T00:00:00.000Z \(in [0-9]+ d\)$", shown, re.MULTILINE)


def test_show_only_looks(motte: Motte, api: FakeApi) -> None:
    shown = motte("show", "shop", "--output", "json")
    assert json.loads(shown.stdout) == session()
    assert api.asked == ["GET /sessions/shop?refresh=false"]


def test_a_name_cannot_move_the_cursor(motte: Motte, api: FakeApi) -> None:
    api.answer = session(pushName="\x1b[2Jgone")
    assert "\x1b" not in motte("show", "shop").stdout


def test_create_sends_only_the_given_fields(motte: Motte, api: FakeApi) -> None:
    assert motte("create", "shop", "--name", "The shop").exit_code == 0
    motte("create")
    assert api.bodies == [{"id": "shop", "name": "The shop"}, {}]
    assert "motte sessions qr shop" in motte("create").stderr


@pytest.mark.parametrize("verb", ["start", "stop", "restart"])
def test_a_command_sends_its_request_to_the_api(motte: Motte, api: FakeApi, verb: str) -> None:
    assert json.loads(motte(verb, "shop", "--output", "json").stdout) == session()
    assert api.asked == [f"POST /sessions/shop/{verb}"]


@pytest.mark.parametrize(
    ("verb", "request_"), [("logout", "POST /sessions/shop/logout"), ("delete", "DELETE /sessions/shop")]
)
def test_commands_that_cannot_be_undone_ask_first(
    motte: Motte, api: FakeApi, verb: str, request_: str
) -> None:
    for no in ("n\n", ""):
        assert motte(verb, "shop", answers=no).exit_code == 1
    assert api.asked == []
    assert motte(verb, "shop", answers="y\n").exit_code == 0
    assert motte(verb, "shop", "--yes").exit_code == 0
    assert api.asked == [request_, request_]


def test_a_restart_forgets_only_after_the_number_was_named(motte: Motte, api: FakeApi) -> None:
    api.answer = session(status="failed", phoneNumber="15551234567")
    for no in ("n\n", ""):
        result = motte("restart", "shop", "--forget", answers=no)
        assert result.exit_code == 1
        assert "+15551234567" in result.stderr
        assert "scan a new code" in result.stderr
    assert set(api.asked) == {"GET /sessions/shop?refresh=false"}
    api.asked.clear()
    assert motte("restart", "shop", "--forget", answers="y\n").exit_code == 0
    assert motte("restart", "shop", "--forget", "--yes").exit_code == 0
    assert api.asked.count("POST /sessions/shop/restart") == 2
    assert api.bodies[-1] == {"forget": True}
    assert motte("restart", "shop").exit_code == 0
    assert api.bodies[-1] is None


def test_start_all_tries_every_session_that_failed(motte: Motte, api: FakeApi) -> None:
    result = motte("start", "--all")
    assert result.exit_code == 0
    assert [line.split() for line in result.stdout.splitlines()] == [
        ["ID", "STATUS", "ERROR"],
        ["first", "qr_waiting", "-"],
        ["second", "qr_waiting", "-"],
    ]
    assert sorted(api.asked) == [
        "GET /sessions?limit=200&status=failed",
        "GET /sessions?limit=200&status=failed&cursor=more",
        "POST /sessions/first/start",
        "POST /sessions/second/start",
    ]


def test_start_all_can_be_of_one_reason(motte: Motte, api: FakeApi) -> None:
    api.reasons = {"first": "connection-replaced", "second": "account-banned"}
    result = motte("start", "--all", "--reason", "account-banned", "--output", "json")
    assert json.loads(result.stdout) == {"items": [{"id": "second", "status": "qr_waiting", "error": None}]}
    result = motte("start", "--all", "--reason", "credentials-lost")
    assert (result.exit_code, result.stdout) == (0, "No session has failed with credentials-lost.\n")
    assert not [asked for asked in api.asked if "first" in asked]


def test_start_all_goes_on_after_a_refusal_and_ends_with_1(motte: Motte, api: FakeApi) -> None:
    api.status, api.answer = 409, {"code": "conflicting-state", "detail": "it failed again"}
    result = motte("start", "--all")
    assert result.exit_code == 1
    assert result.stdout.count("conflicting-state: it failed again") == 2
    assert "2 of 2 could not be started" in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [(), ("shop", "--all"), ("shop", "--reason", "account-banned"), ("--all", "--reason", "bad-weather")],
)
def test_start_wants_one_session_or_all(motte: Motte, api: FakeApi, arguments: tuple[str, ...]) -> None:
    assert motte("start", *arguments).exit_code == 2
    assert api.asked == []


def test_a_refusal_is_1_in_the_words_of_the_api(motte: Motte, api: FakeApi) -> None:
    api.status, api.answer = 409, {"code": "conflicting-state", "detail": "cannot stop while logged_out"}
    result = motte("stop", "shop")
    assert result.exit_code == 1
    assert "conflicting-state: cannot stop while logged_out" in result.stderr


def test_a_create_that_draws_says_how_to_go_on_with_a_session_that_exists(motte: Motte, api: FakeApi) -> None:
    api.status, api.answer = 409, {"code": "session-exists", "detail": "there is a session shop already"}
    result = motte("create", "shop", "--qr")
    assert result.exit_code == 1
    assert "motte sessions qr shop --follow" in result.stderr


@pytest.mark.parametrize("session_id", ["../keys", "a/b", "-x", "x" * 65, "shop\n"])
def test_an_invalid_id_is_wrong_usage_and_sends_no_request(
    motte: Motte, api: FakeApi, session_id: str
) -> None:
    assert motte("show", "--", session_id).exit_code == 2
    assert api.asked == []


def test_a_code_is_drawn_with_its_expiry(motte: Motte) -> None:
    result = motte("qr", "shop")
    assert result.exit_code == 0
    assert "▄" in result.stdout
    assert "Scan it within" in result.stdout
    assert CODE not in result.output


def test_a_session_without_a_code_is_4(motte: Motte, api: FakeApi) -> None:
    api.answer = session(status="connected", qrCode=None, qrExpiresAt=None)
    result = motte("qr", "shop")
    assert result.exit_code == 4
    assert "shop shows no code: it is connected" in result.stderr


@pytest.mark.parametrize("size", [(40, 100), (200, 20)])
def test_for_a_terminal_that_is_too_small_the_necessary_size_is_shown(size: tuple[int, int]) -> None:
    with pytest.raises(TooSmall, match=r"needs a terminal of \d+ columns and \d+ lines") as told:
        drawing(session(), os.terminal_size(size))
    assert told.value.exit_code == 6


def test_a_code_needs_about_60_columns_and_35_lines() -> None:
    drawn = drawing(session(), os.terminal_size((200, 100))).splitlines()
    assert 55 <= len(drawn[0]) <= 65
    assert 30 <= len(drawn) + 2 <= 35


def test_a_large_terminal_shows_the_whole_code() -> None:
    assert drawing(session(), os.terminal_size((200, 100)))


def test_an_update_sends_only_the_changed_fields(motte: Motte, api: FakeApi) -> None:
    assert motte("update", "shop", "--name", "The shop", "--no-device-name").exit_code == 0
    assert api.asked == ["PATCH /sessions/shop"]
    assert api.bodies == [{"name": "The shop", "deviceName": None}]


@pytest.mark.parametrize(
    ("options", "rule"),
    [
        ((), "nothing to change"),
        (("--proxy", "http://h:1", "--no-proxy"), "--proxy and --no-proxy cannot both be given"),
    ],
)
def test_an_update_of_nothing_or_of_both_is_wrong_usage(
    motte: Motte, api: FakeApi, options: tuple[str, ...], rule: str
) -> None:
    result = motte("update", "shop", *options)
    assert (result.exit_code, api.asked) == (2, [])
    assert rule in result.stderr


def test_a_create_names_the_device(motte: Motte, api: FakeApi) -> None:
    motte("create", "shop", "--device-name", "Till 2")
    assert api.bodies == [{"id": "shop", "deviceName": "Till 2"}]


def test_a_proxy_can_come_by_standard_input(motte: Motte, api: FakeApi) -> None:
    result = motte("update", "shop", "--proxy", "-", answers="socks5://ann:s3cr3t@10.0.0.1:1080\n")
    assert api.bodies == [{"proxy": "socks5://ann:s3cr3t@10.0.0.1:1080"}]
    assert "s3cr3t" not in result.output
    motte("update", "shop", "--no-proxy")
    assert api.bodies[-1] == {"proxy": None}
    motte("create", "shop", "--proxy", "http://10.0.0.1:3128")
    assert api.bodies[-1] == {"id": "shop", "proxy": "http://10.0.0.1:3128"}
