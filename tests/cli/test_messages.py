"""`motte send` and `motte messages`, against a stand-in for the API."""

import asyncio
import json
from collections.abc import Callable, Generator
from typing import Any

import pytest
from aiohttp import web
from click.testing import CliRunner, Result

from server.cli import main
from server.cli.messages.listing import as_line
from server.core.paths import StateFolder
from tests.cli.stand_in import leading, serving

Motte = Callable[..., Result]


class FakeApi:
    """An API that has two messages, and takes any."""

    def __init__(self) -> None:
        self.answer = message("3EB0AA", status="sent")
        self.asked: list[tuple[str, Any, Any]] = []
        #: None: the key may not read sessions.
        self.session: dict[str, Any] | None = None

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/sessions/shop/messages", self._list)
        app.router.add_post("/sessions/shop/messages", self._take)
        app.router.add_get("/sessions/shop", self._show)
        return app

    async def _take(self, request: web.Request) -> web.Response:
        headers = request.headers
        self.asked.append((headers["Prefer"], headers["Idempotency-Key"], await request.json()))
        return web.json_response(self.answer, status=201)

    async def _show(self, _: web.Request) -> web.Response:
        return web.json_response(self.session or {"code": "forbidden"}, status=200 if self.session else 403)

    async def _list(self, request: web.Request) -> web.Response:
        self.asked.append((str(request.rel_url), None, None))
        pages = {None: ["3EB0AA"], "1": ["3EB0BB"], "2": []}
        after = request.query.get("after")
        items = [message(one, status="read") for one in pages[after]]
        return web.json_response({"items": items, "nextCursor": str(int(after or 0) + 1)})


def message(message_id: str, **other: Any) -> dict[str, Any]:
    return {
        "id": message_id,
        "chat": "4915112345678@s.whatsapp.net",
        "number": "4915112345678",
        "fromMe": True,
        "kind": "text",
        "text": "Hello\nBo\x1b[31m",
        "emoji": None,
        "statusReason": None,
        "receivedAt": "2026-05-25T12:00:00.000Z",
        **other,
    }


@pytest.fixture
def api() -> FakeApi:
    return FakeApi()


@pytest.fixture
def motte(api: FakeApi, folder: StateFolder) -> Generator[Motte]:
    """Run `motte …` while the fake API answers in the name of a front."""

    async def call(arguments: tuple[str, ...], answers: str | None) -> Result:
        async with serving(folder, api.app()):
            return await asyncio.to_thread(CliRunner().invoke, main, list(arguments), input=answers)

    with leading(folder):
        yield lambda *arguments, answers=None: asyncio.run(call(arguments, answers))


def test_a_text_is_sent_with_a_key_and_awaited(motte: Motte, api: FakeApi) -> None:
    result = motte("send", "shop", "+49 151 12345678", "Hello", "--reply-to", "3EB0BB", "--key", "order")
    assert (result.exit_code, result.stdout) == (0, "3EB0AA sent\n")
    body = {"to": "+49 151 12345678", "text": "Hello", "replyTo": "3EB0BB"}
    assert api.asked == [("wait=30", "order", body)]


@pytest.mark.parametrize(
    ("given", "text"), [("Hello\n", "Hello"), ("two\nlines", "two\nlines"), ("Hello\n\n", "Hello\n")]
)
def test_a_text_from_standard_input_loses_one_line_break_at_its_end(
    motte: Motte, api: FakeApi, given: str, text: str
) -> None:
    assert motte("send", "shop", "4915112345678", "-", answers=given).exit_code == 0
    assert [body["text"] for _, _, body in api.asked] == [text]


@pytest.mark.parametrize(
    ("message_status", "status", "sending", "words"),
    [
        ("queued", "stopped", "ok", ": shop is stopped. To start it: motte sessions start shop. To see"),
        ("queued", "disconnected", "ok", ": shop is disconnected. To see"),
        ("queued", "connected", "restricted", ": WhatsApp lets the account begin no chats for now. To see"),
        ("queued", "connected", "ok", "MOTTE_NEW_CHAT_RATE"),
        ("handed", "connected", "ok", "It is not sent yet. To see"),
    ],
)
def test_a_text_that_waits_says_why(
    motte: Motte, api: FakeApi, message_status: str, status: str, sending: str, words: str
) -> None:
    api.answer = message("3EB0AA", status=message_status)
    api.session = {"status": status, "sending": {"state": sending}}
    result = motte("send", "shop", "4915112345678", "Hello")
    assert (result.exit_code, words in result.stderr) == (4, True), result.stderr


def test_a_text_comes_from_standard_input_and_has_a_key_of_its_own(motte: Motte, api: FakeApi) -> None:
    for _ in range(2):
        assert motte("send", "shop", "4915112345678", "-", "--wait", "0", answers="two\nlines").exit_code == 0
    [(wait, one, body), (_, other, _)] = api.asked
    assert (wait, body["text"]) == ("wait=0", "two\nlines")
    assert one != other


@pytest.mark.parametrize(
    ("status", "code", "words"),
    [
        ("queued", 4, "It is not sent yet. To see how far it is: motte messages shop\n"),
        ("handed", 4, "It is not sent yet. To see how far it is: motte messages shop\n"),
        ("failed", 1, "no WhatsApp"),
    ],
)
def test_the_exit_code_says_what_became_of_it(
    motte: Motte, api: FakeApi, status: str, code: int, words: str
) -> None:
    api.answer = message("3EB0AA", status=status, statusReason={"code": "x", "detail": "no WhatsApp"})
    result = motte("send", "shop", "4915112345678", "Hello")
    assert result.exit_code == code
    assert words in result.stderr


def test_every_page_of_messages_is_printed_and_no_text_controls_the_terminal(
    motte: Motte, api: FakeApi
) -> None:
    result = motte("messages", "shop", "--chat", "4915112345678")
    assert result.exit_code == 0
    assert len(result.stdout.splitlines()) == 2
    assert "  3EB0AA  to 4915112345678  read  Hello" in result.stdout
    assert "\x1b" not in result.stdout
    assert next(url for url, _, _ in api.asked) == "/sessions/shop/messages?chat=4915112345678&limit=200"


def test_the_newest_messages_are_printed_the_oldest_of_them_first(motte: Motte, api: FakeApi) -> None:
    result = motte("messages", "shop", "--limit", "2")
    assert [line.split("  ")[1] for line in result.stdout.splitlines()] == ["3EB0BB", "3EB0AA"]
    assert [url for url, _, _ in api.asked] == [
        "/sessions/shop/messages?order=newest&limit=2",
        "/sessions/shop/messages?order=newest&limit=1&after=1",
    ]
    assert motte("messages", "shop", "--limit", "0").exit_code == 2


def test_a_message_that_failed_shows_why() -> None:
    failed = message("3EB0AA", status="failed", statusReason={"code": "x", "detail": "no WhatsApp"})
    assert "  failed (no WhatsApp)  " in as_line(failed)


@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        ({"kind": "text", "text": "Hello"}, "Hello"),
        ({"kind": "conversation", "text": "Hello"}, "Hello"),
        ({"kind": "edit", "text": "Hello, Bo"}, "(edit) Hello, Bo"),
        ({"kind": "edit", "text": None}, "(edit)"),
        ({"kind": "revoke", "text": None}, "(revoke)"),
        ({"kind": "reaction", "text": None, "emoji": "👍"}, "👍"),
        ({"kind": "reaction", "text": None, "emoji": None}, "(reaction removed)"),
        ({"kind": "image", "text": ""}, "(image)"),
        ({"kind": "image", "text": "our shop"}, "(image) our shop"),
        ({"kind": "poll", "text": "When?"}, "(poll) When?"),
        (
            {"kind": "text", "text": "one\r\ntwo\n\nfour\u2028five\rsix"},
            "one ⏎ two ⏎  ⏎ four ⏎ five\ufffdsix",
        ),
    ],
)
def test_an_edit_is_no_new_text_and_what_has_no_words_shows_its_kind(
    fields: dict[str, Any], shown: str
) -> None:
    assert as_line(message("3EB0AA", status="read", **fields)).endswith(f"  read  {shown}")


def test_in_a_group_the_author_of_a_message_is_shown() -> None:
    group = {"chat": "1203@g.us", "number": None, "sender": "4915112345678@s.whatsapp.net"}
    theirs = message("3EB0AA", status=None, fromMe=False, **group)
    assert "  from 4915112345678@s.whatsapp.net in 1203@g.us  received  " in as_line(theirs)
    assert "  to 1203@g.us  sent  " in as_line(message("3EB0AA", status="sent", **group))


def test_messages_are_printed_as_json(motte: Motte) -> None:
    found = json.loads(motte("messages", "shop", "--output", "json").stdout)
    assert [one["id"] for one in found] == ["3EB0AA", "3EB0BB"]
