"""Messages that a phone of the sandbox writes, against a stand-in for its control port."""

import json
from collections.abc import AsyncGenerator
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.api.conftest import Front
from tests.api.problem_documents import problem
from tests.api.received import connected

BO = "4915112345678"
WRITE = "/sessions/shop/sandbox/messages"


class ControlPort:
    """The control port of a sandbox."""

    def __init__(self) -> None:
        self.status = 200
        self.answer: Any = {"id": "sandbox-1", "devices": [1]}
        #: What phones were asked to send.
        self.sent: list[dict[str, Any]] = []

    async def send(self, request: web.Request) -> web.Response:
        self.sent.append(await request.json())
        return web.json_response(self.answer, status=self.status)


@pytest.fixture
async def port(front: Front) -> AsyncGenerator[ControlPort]:
    """The sandbox of the front."""
    front.whole.settings = replace(front.whole.settings, sandbox=True)
    port, app = ControlPort(), web.Application()
    app.router.add_post("/control/send", port.send)
    async with TestServer(app) as server:
        front.folder.sandbox.write_text(json.dumps({"controlUrl": str(server.make_url("/control"))}))
        yield port


async def write(front: Front, **body: Any) -> Any:
    return await front.client.post(WRITE, json={"from": BO, "text": "Hello", **body})


async def test_a_phone_writes_to_the_account_of_the_session(front: Front, port: ControlPort) -> None:
    await connected(front)
    response = await write(front, **{"from": "+49 (0)151 123-45678", "pushName": "Bo"})
    assert (response.status, await response.json()) == (202, {"id": "sandbox-1"})
    account = (await front.read())["phoneNumber"]
    assert port.sent == [{"from": BO, "to": account, "text": "Hello", "pushName": "Bo"}]


async def test_without_a_sandbox_there_is_no_such_address(front: Front, port: ControlPort) -> None:
    await connected(front)
    front.whole.settings = replace(front.whole.settings, sandbox=False)
    await problem(await write(front), 404, "not-found")
    assert port.sent == []


async def test_a_session_without_an_account_gets_nothing(front: Front, port: ControlPort) -> None:
    await front.create()
    await problem(await write(front), 409, "conflicting-state")
    assert port.sent == []
    await problem(
        await front.client.post("/sessions/nobody/sandbox/messages", json={"from": BO, "text": "Hello"}),
        404,
        "session-not-found",
    )


async def test_what_the_sandbox_refuses_is_said(front: Front, port: ControlPort) -> None:
    await connected(front)
    port.status, port.answer = 404, {"error": "no-such-device"}
    await problem(await write(front), 409, "conflicting-state")
    port.status, port.answer = 500, {"error": "internal-error", "detail": "a fault"}
    assert "a fault" in (await problem(await write(front), 502, "whatsapp-unreachable"))["detail"]
    port.answer = ["no object"]
    await problem(await write(front), 502, "whatsapp-unreachable")
    front.folder.sandbox.write_text('{"controlUrl": "http://127.0.0.1:1/control"}')
    await problem(await write(front), 502, "whatsapp-unreachable")
    front.folder.sandbox.unlink()
    await problem(await write(front), 502, "whatsapp-unreachable")


async def test_what_a_phone_writes_has_a_longest_text(front: Front, port: ControlPort) -> None:
    await connected(front)
    text, name = "\x01" * 9_999 + "x", "n" * 100
    assert (await write(front, text=text, pushName=name)).status == 202
    assert port.sent[0]["text"] == text
    for more in ({"text": f"{text}x"}, {"pushName": f"{name}n"}):
        await problem(await write(front, **more), 400, "validation-failed")


@pytest.mark.parametrize(
    "body", [{"from": "12"}, {"from": f"{BO}@g.us"}, {"text": " "}, {"text": "\0"}, {"text": ""}, {"to": BO}]
)
async def test_a_letter_that_breaks_a_rule_is_refused(
    front: Front, port: ControlPort, body: dict[str, str]
) -> None:
    await connected(front)
    await problem(await write(front, **body), 400, "validation-failed")
    assert port.sent == []


async def test_a_key_that_may_not_send_lets_no_phone_write(front: Front, port: ControlPort) -> None:
    await connected(front)
    key = await front.key("reader", "sessions:read", "sessions:write")
    response = await front.client.post(WRITE, json={"from": BO, "text": "Hello"}, headers=key)
    await problem(response, 403, "forbidden")
    assert port.sent == []
