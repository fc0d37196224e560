"""How often a request or an event crosses to the threads of the database: each crossing costs it latency."""

from collections import Counter

import pytest

from tests.api.conftest import Front
from tests.api.crossings import count_crossings, without_looks
from tests.api.received import acknowledged, connected
from tests.support.connector import FakeConnector
from tests.support.time import until


@pytest.fixture
def crossings(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    return count_crossings(monkeypatch)


@pytest.fixture
async def connector(front: Front, crossings: Counter[str]) -> FakeConnector:
    """Of a session that is connected. Nothing is counted of that."""
    found = await connected(front)
    await acknowledged(found)
    crossings.clear()
    return found


async def test_a_create_crosses_three_times_to_read_and_six_times_to_write(
    front: Front, crossings: Counter[str]
) -> None:
    await until(lambda: front.supervisor.lists == 1)
    await front.get("/sessions")  # by then rows and processes were compared, which reads them once
    crossings.clear()
    await front.create()  # One of the reads counts the sessions.
    assert without_looks(crossings) == {"read": 3, "write": 6}


async def test_a_read_of_an_expired_code_crosses_twice_to_read_and_five_times_to_write(
    front: Front, crossings: Counter[str]
) -> None:
    await front.create()
    front.time.advance(161)
    await front.asleep()
    crossings.clear()
    await front.read()
    assert without_looks(crossings) == {"read": 2, "write": 5}


async def test_a_read_of_a_session_with_a_code_crosses_once_for_its_key_and_once_for_the_session(
    front: Front, crossings: Counter[str]
) -> None:
    await front.create()
    crossings.clear()
    await front.read()
    assert without_looks(crossings) == {"read": 2}


async def test_a_message_crosses_once(connector: FakeConnector, crossings: Counter[str]) -> None:
    for _ in range(10):
        connector.receive("Hello")
        await acknowledged(connector)
    assert without_looks(crossings) == {"write": 10}
    assert crossings["look"] < 10, "nothing is looked up for each message while there is no webhook"


async def test_messages_that_come_together_cross_once(
    connector: FakeConnector, crossings: Counter[str]
) -> None:
    for _ in range(10):
        connector.receive("Hello")
    await acknowledged(connector)
    assert without_looks(crossings) == {"write": 1}
