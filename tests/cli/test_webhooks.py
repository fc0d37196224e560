"""`motte webhooks`, against a stand-in for the API."""

import asyncio
import json
from collections.abc import Callable, Generator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web
from click.testing import CliRunner, Result

from server.cli import main
from server.core.paths import StateFolder
from tests.cli.stand_in import leading, serving

Webhooks = Callable[..., Result]

WEBHOOK = {
    "id": "wh_1",
    "url": "https://a.example/",
    "types": ["message.received"],
    "sessions": None,
    "headerNames": ["X-Key"],
    "giveUpAfter": 60,
    "status": "failing",
    "reason": "HTTP 503",
    "failingSince": "2026-01-01T00:00:00.000Z",
    "oldSecretUntil": None,
    "createdAt": "2026-01-01T00:00:00.000Z",
}
DELIVERY = {
    "eventId": "evt_1",
    "type": "message.received",
    "sessionId": "shop",
    "state": "dead",
    "attempt": 3,
    "status": None,
    "error": "HTTP 404",
    "durationMs": None,
    "at": "2026-01-01T00:00:00.000Z",
}


class FakeApi:
    """It answers each request alike, lists in two pages, and remembers what was asked."""

    def __init__(self) -> None:
        self.answer: dict[str, Any] = dict(WEBHOOK)
        self.pages: list[dict[str, Any]] = []
        self.asked: list[tuple[str, str, Any]] = []
        #: What a read of a session is answered with.
        self.session_status = 200
        self.session_code = ""

    async def respond(self, request: web.Request) -> web.Response:
        body = await request.json() if request.can_read_body else None
        self.asked.append((request.method, str(request.rel_url), body))
        if request.method == "DELETE":
            return web.Response(status=204)
        if request.path.startswith("/sessions/"):
            return web.json_response({"code": self.session_code}, status=self.session_status)
        return web.json_response(self.pages.pop(0) if self.pages else self.answer)


@pytest.fixture
def api() -> FakeApi:
    return FakeApi()


@pytest.fixture
def webhooks(api: FakeApi, folder: StateFolder) -> Generator[Webhooks]:
    """Run `motte webhooks …` while the fake API answers in the name of a front."""

    async def call(arguments: tuple[str, ...], given: str | None) -> Result:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", api.respond)
        async with serving(folder, app):
            return await asyncio.to_thread(CliRunner().invoke, main, ["webhooks", *arguments], input=given)

    with leading(folder):
        yield lambda *arguments, given=None: asyncio.run(call(arguments, given))


def test_a_new_webhook_prints_its_secret_alone(webhooks: Webhooks, api: FakeApi) -> None:
    api.answer["secret"] = "whsec_x"  # not one
    arguments = ("--type", "message.received", "--session", "shop", "--header", "X-A: 1:2")
    result = webhooks("add", "https://a.example/", *arguments, "--give-up-after", "60")

    assert result.exit_code == 0, result.output
    assert result.stdout == "whsec_x\n"
    assert "only once" in result.stderr
    assert "There is no session" not in result.stderr
    body = {
        "url": "https://a.example/",
        "types": ["message.received"],
        "sessions": ["shop"],
        "headers": {"X-A": "1:2"},
        "giveUpAfter": 60,
    }
    assert api.asked == [("POST", "/webhooks", body), ("GET", "/sessions/shop?refresh=false", None)]


@pytest.mark.parametrize(
    ("status", "code", "said"),
    [
        (404, "session-not-found", "There are no sessions shpo, caffe yet.\n"),
        (403, "forbidden", ""),
        (404, "not-found", ""),
    ],
)
@pytest.mark.parametrize("arguments", [("add", "https://a.example/"), ("update", "wh_1")])
def test_a_session_that_does_not_exist_is_named_and_no_error(
    webhooks: Webhooks, api: FakeApi, arguments: tuple[str, ...], status: int, code: str, said: str
) -> None:
    """A key with the scope `webhooks` alone may not read sessions."""
    api.answer["secret"] = "whsec_x"  # not one
    api.session_status, api.session_code = status, code
    result = webhooks(*arguments, "--session", "shpo", "--session", "caffe", "--output", "json")
    assert (result.exit_code, result.stderr) == (0, said)
    assert json.loads(result.stdout) == api.answer


def test_headers_are_read_from_standard_input(webhooks: Webhooks, api: FakeApi) -> None:
    webhooks("update", "wh_1", "--header", "-", given="X-A: 1\n\nX-B: 2\n")

    assert api.asked == [("PATCH", "/webhooks/wh_1", {"headers": {"X-A": "1", "X-B": "2"}})]


@pytest.mark.parametrize(
    "arguments",
    [
        ("update", "wh_1"),
        ("update", "wh_1", "--enable", "--disable"),
        ("add", "https://a.example/", "--header", "no colon"),
        ("add", "https://a.example/", "--type", "message"),
        ("add", "https://a.example/", "--give-up-after", "86401"),
        ("replay", "wh_1"),
        ("replay", "wh_1", "--dead", "--after", "x"),
        ("replay", "wh_1", "--since", "yesterday"),
        ("replay", "wh_1", "--after", "x", "--since", "2026-05-25T12:00:00Z"),
        ("show", "../sessions"),
    ],
)
def test_wrong_usage_asks_nothing(webhooks: Webhooks, api: FakeApi, arguments: tuple[str, ...]) -> None:
    assert webhooks(*arguments).exit_code == 2
    assert api.asked == []


@pytest.mark.parametrize(
    ("arguments", "asked"),
    [
        (("show", "wh_1"), ("GET", "/webhooks/wh_1", None)),
        (("update", "wh_1", "--enable"), ("PATCH", "/webhooks/wh_1", {"enabled": True})),
        (("update", "wh_1", "--disable"), ("PATCH", "/webhooks/wh_1", {"enabled": False})),
        (
            ("update", "wh_1", "--address", "https://b.example/"),
            ("PATCH", "/webhooks/wh_1", {"url": "https://b.example/"}),
        ),
        (("delete", "wh_1", "--yes"), ("DELETE", "/webhooks/wh_1", None)),
    ],
)
def test_a_command_asks_the_api(
    webhooks: Webhooks, api: FakeApi, arguments: tuple[str, ...], asked: tuple[str, str, Any]
) -> None:
    result = webhooks(*arguments)

    assert result.exit_code == 0, result.output
    assert api.asked == [asked]


def test_lists_have_every_page(webhooks: Webhooks, api: FakeApi) -> None:
    for arguments, first, second in (
        (("list",), "/webhooks?limit=200", "/webhooks?limit=200&cursor=more"),
        (
            ("deliveries", "wh_1", "--only", "dead"),
            "/webhooks/wh_1/deliveries?limit=200&state=dead",
            "/webhooks/wh_1/deliveries?limit=200&state=dead&after=more",
        ),
        (
            ("deliveries", "wh_1", "--only", "waiting"),
            "/webhooks/wh_1/deliveries?limit=200&state=waiting",
            "/webhooks/wh_1/deliveries?limit=200&state=waiting&after=more",
        ),
    ):
        item = WEBHOOK if arguments == ("list",) else DELIVERY
        api.pages = [{"items": [item], "nextCursor": "more"}, {"items": [item], "nextCursor": None}]
        result = webhooks(*arguments, "--output", "json")
        assert len(json.loads(result.stdout)["items"]) == 2
        api.pages = [{"items": [item], "nextCursor": None}]
        assert len(webhooks(*arguments).stdout.splitlines()) == 2
        assert [path for _, path, _ in api.asked][:2] == [first, second]
        api.asked.clear()


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (None, "the log has no try yet"),
        ("delivered", "no try has arrived"),
        ("failed", "no try has failed"),
        ("waiting", "no event waits"),
        ("dead", "no event is dead"),
    ],
)
def test_a_list_of_no_deliveries_says_so(
    webhooks: Webhooks, api: FakeApi, state: str | None, said: str
) -> None:
    arguments = ("deliveries", "wh_1", *(("--only", state) if state else ()))
    api.answer = {"items": [], "nextCursor": None}

    shown = webhooks(*arguments)
    assert (shown.exit_code, shown.stderr.count("\n")) == (0, 1)
    assert f"wh_1: {said}" in shown.stderr
    assert webhooks(*arguments, "--output", "json").stderr == ""


def test_a_test_that_does_not_arrive_is_exit_code_1(webhooks: Webhooks, api: FakeApi) -> None:
    api.answer = {"delivered": False, "status": 418, "error": "HTTP 418", "durationMs": 3}
    result = webhooks("test", "wh_1")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "HTTP 418" in result.stderr


DELIVERED = {"delivered": True, "status": 204, "error": None, "durationMs": 3}


@pytest.mark.parametrize(
    ("count", "minutes", "said"),
    [
        (1, 11, "Events of a session wait after failures; the next try: in 11 min.\n"),
        (2, 11, "Events of 2 sessions wait after failures; the next try: in 11 min.\n"),
        (2, -1, "Events of 2 sessions wait after failures.\n"),
    ],
)
def test_a_test_that_arrives_says_how_to_free_what_waits(
    webhooks: Webhooks, api: FakeApi, count: int, minutes: int, said: str
) -> None:
    at = (datetime.now(UTC) + timedelta(minutes=minutes)).isoformat()
    waiting = [DELIVERY | {"state": "waiting", "at": at}] * count
    api.pages = [DELIVERED, {"items": waiting, "nextCursor": None}]
    result = webhooks("test", "wh_1")
    assert (result.exit_code, result.stdout) == (0, "wh_1: delivered, HTTP 204 in 3 ms\n")
    assert result.stderr == f"{said}To try all of them now: motte webhooks update wh_1 --enable\n"


def test_a_test_that_arrives_says_no_more_if_nothing_waits(webhooks: Webhooks, api: FakeApi) -> None:
    api.pages = [DELIVERED, {"items": [], "nextCursor": None}]
    assert webhooks("test", "wh_1").stderr == ""


def test_a_replay_says_how_many_dead_events_it_sends(webhooks: Webhooks, api: FakeApi) -> None:
    api.answer = {"dead": 3}
    assert webhooks("replay", "wh_1", "--dead").stdout == "wh_1: 3 dead events are sent again\n"
    api.answer = {"dead": 1}
    assert webhooks("replay", "wh_1", "--dead").stdout == "wh_1: 1 dead event is sent again\n"
    api.answer = {"dead": None}
    assert "after the cursor" in webhooks("replay", "wh_1", "--after", "x").stdout
    assert "since then" in webhooks("replay", "wh_1", "--since", "2026-05-25T12:00:00Z").stdout
    moment = {"since": "2026-05-25T12:00:00+00:00"}
    assert [body for _, _, body in api.asked] == [*[{"dead": True}] * 2, {"after": "x"}, moment]


def test_a_webhook_is_deleted_after_a_yes(webhooks: Webhooks, api: FakeApi) -> None:
    assert webhooks("delete", "wh_1", given="n\n").exit_code == 1
    assert api.asked == []
    assert webhooks("delete", "wh_1", given="y\n").exit_code == 0
    assert api.asked == [("DELETE", "/webhooks/wh_1", None)]
