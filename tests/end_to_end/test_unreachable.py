"""WhatsApp is not there at all."""

import socket

import pytest

from tests.support.motte import Motte


@pytest.fixture(scope="module")
def settings() -> dict[str, str]:
    """Where nobody listens: a port that was free a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    return {"MOTTE_WHATSAPP_URL": f"ws://127.0.0.1:{port}/ws/chat"}


async def test_a_create_says_that_nobody_answers_and_keeps_the_session(motte: Motte) -> None:
    answer = await motte.post()
    problem = answer.problem(502, "whatsapp-unreachable")
    assert problem["detail"].endswith("it refuses the connection")
    assert (await motte.look())["status"] == "starting"
