"""Anything at all, written into the events of a session: the front goes on, and tells no secret."""

import asyncio
import json
import os
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.connectors import read_budget
from server.protocol.events.lines import parse
from tests.api.fuzzing import CANARY, Sent, Target, profile, target

GOLDEN = (Path(__file__).parents[1] / "protocol" / "events.jsonl").read_bytes().splitlines()
ENDED = b'{"event":"ended","epoch":0,"id":"shop","state":"EXITED","exit":0}'
EVENTS = [json.loads(line) for line in [*GOLDEN, ENDED]]

#: What no log may say.
SECRET = {"payload", "code", "text", "pushName", "chat", "sender", "phoneNumber"}

NUMBERS = st.sampled_from([0, 1, 2, 3, -1, 2**31, 2**53, 2**62 - 1, 2**62, 2**64, 1e308, 0.5]) | st.integers()
WRONG: st.SearchStrategy[Any] = (
    NUMBERS | st.none() | st.booleans() | st.text() | st.just(CANARY) | st.just({}) | st.just([[]])
)


@st.composite
def altered(draw: st.DrawFn) -> bytes:
    """An event that a connector could say, of any epoch and seq, with fields that are wrong or missing."""
    event: dict[str, Any] = dict(draw(st.sampled_from(EVENTS)))
    for name in draw(st.lists(st.sampled_from(sorted(event)), max_size=2)):
        event[name] = draw(WRONG)
    for name in draw(st.lists(st.sampled_from(sorted(event)), max_size=1)):
        del event[name]
    for name in ("epoch", "seq"):
        if name in event and draw(st.booleans()):
            event[name] = draw(NUMBERS)
    for name in SECRET & event.keys():
        event[name] = CANARY
    return json.dumps(event).encode()


LINES = (
    st.binary(max_size=300)
    | altered()
    | st.sampled_from(EVENTS).map(lambda event: json.dumps(event).encode())
    | st.sampled_from(
        [
            b"",
            b"\x00" * 5000,
            b"\xff\xfe{}",
            b"[" * 50_000,
            b'{"event":"up","epoch":1,"x":' + b"[" * 50_000,
            b'{"event":"qr_issued","epoch":1,"ordinal":1,"payload":"\\ud800","issuedAt":1,"lifetime":1}',
            b'{"event":"qr_issued","epoch":1,"epoch":2,"ordinal":1,"payload":"x","issuedAt":1,"lifetime":1}',
            b"x" * 1_500_000 + CANARY.encode(),
        ]
    )
)


#: Some lines are torn: no newline follows.
SAID = st.lists(st.tuples(LINES, st.sampled_from([b"\n", b"\n", b"\n", b""])).map(b"".join), max_size=12).map(
    lambda lines: Sent(b"".join(lines))
)
#: Lines that are no events, whatever happens to them.
NONSENSE = st.lists(
    LINES.filter(lambda line: all(parse(part) is None for part in line.split(b"\n"))), max_size=12
).map(lambda lines: Sent(b"\n".join(lines)))


@pytest.fixture(scope="module")
def goal() -> Generator[Target]:
    """One that reads as fast as it can: how fast a peer may write has tests of its own."""
    with pytest.MonkeyPatch.context() as patched, target() as goal:
        patched.setattr(read_budget, "LINES_PER_SECOND", 10**9)
        yield goal


async def _say(goal: Target, said: Sent) -> None:
    """Write it as a connector would, with all the patience that the pipe asks for."""
    pipe = os.open(goal.front.folder.session("shop").events, os.O_WRONLY | os.O_NONBLOCK)
    left = b"\n" + said + b"\n"
    while left:
        try:
            left = left[os.write(pipe, left[:65536]) :]
        except BlockingIOError:
            await asyncio.sleep(0)
    os.close(pipe)


async def _read(goal: Target) -> dict[str, Any]:
    response = await goal.turned(goal.front.get("/sessions/shop"))
    assert response.status in (200, 409, 502, 503, 504), await response.text()
    for path in ("/sessions", "/sessions/shop?refresh=false"):
        assert (await goal.front.get(path)).status == 200
    return dict(await response.json())


def _is_listening(goal: Target) -> bool:
    listening = goal.front.owner.connectors.channels()["shop"]._listening
    return listening is not None and not listening.done()


@profile
@given(said=SAID)
def test_a_connector_that_says_anything_harms_no_more_than_its_session(goal: Target, said: Sent) -> None:
    goal.run(_harmed(goal, said))


async def _harmed(goal: Target, said: Sent) -> None:
    await goal.settle()
    await goal.front.create()
    await _say(goal, said)
    await _read(goal)
    assert _is_listening(goal)
    await goal.settle()
    await goal.front.create()
    goal.front.time.advance(161)
    assert (await goal.front.read())["qrCode"] is not None
    goal.check_log()


@profile
@given(said=NONSENSE)
def test_a_session_works_on_after_any_nonsense(goal: Target, said: Sent) -> None:
    goal.run(_unharmed(goal, said))


async def _unharmed(goal: Target, said: Sent) -> None:
    await goal.settle()
    created = await goal.front.create()
    await _say(goal, said)
    assert await goal.front.read() == created
    goal.front.connector().scan()
    goal.front.connector().restart()
    assert (await goal.front.until("connected"))["phoneNumber"] == "15551234567"
    goal.check_log()
