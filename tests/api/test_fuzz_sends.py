"""Anything at all as the body of a message: it is stored as it was written, or refused with a rule."""

import json
from collections.abc import Generator
from io import BytesIO
from typing import Any

import pytest
from aiohttp import ClientResponse
from hypothesis import example, given
from hypothesis import strategies as st

from server.api.resources.sending import MAX_SEND_BYTES
from tests.api.fuzzing import CANARY, Sent, Target, profile, target
from tests.support.time import until

BO, GROUP = "4915112345678@s.whatsapp.net", "120363041234567890@g.us"
BEYOND = 65_537

REFUSALS = {
    "validation-failed": 400,
    "malformed-json": 400,
    "message-not-found": 404,
    "body-too-large": 413,
}

TEXT = st.text(st.characters(), max_size=40) | st.sampled_from(
    ["", " ", "a", CANARY, "\0", "\ud800", "a" * BEYOND, "\U0001f44d" * (BEYOND // 2 + 1), "\u202e", "\u200b"]
)
PEOPLE = st.sampled_from([BO, "+49 151 12345678", "909913313250243@lid", "4915112345678@c.us"]) | TEXT
TO = PEOPLE | st.just(GROUP)
NUMBER = st.integers() | st.floats() | st.sampled_from([0, -0.0, 1e308, 10**400, 90.0000001, -180])
LEAF = st.none() | st.booleans() | NUMBER | TEXT


def members(**strategies: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Some of these members, each mostly of its own kind."""
    return st.fixed_dictionaries({}, optional={name: own | LEAF for name, own in strategies.items()})


NAME = members(id=TEXT, chat=TO, sender=PEOPLE)
MORE = members(
    location=members(latitude=NUMBER, longitude=NUMBER, name=TEXT, address=TEXT),
    contact=members(name=TEXT, phoneNumbers=st.lists(PEOPLE, max_size=3), vcard=TEXT),
    replyTo=TEXT | NAME,
    mentions=st.lists(PEOPLE, max_size=3),
    typing=NUMBER,
    ttl=NUMBER,
    onDoubt=st.sampled_from(["resend", "fail"]),
    more=LEAF,
)
BODIES = st.tuples(members(to=TO, text=TEXT), st.just({}) | MORE).map(lambda parts: parts[0] | parts[1])


def body(**members: object) -> Sent:
    return Sent(json.dumps(members).encode())


@pytest.fixture(scope="module")
def goal() -> Generator[Target]:
    """A front with a session that is linked."""
    with target() as goal:
        goal.run(goal.turned(_link(goal)))
        yield goal
        goal.run(goal.settle())


async def _link(goal: Target) -> None:
    front = goal.front
    await front.pair()
    await until(lambda: front.owner.connectors.can_send("shop"))


@profile
@given(sent=BODIES.map(lambda members: body(**members)))
@example(sent=body(to=BO, text="\ud83d\udc4d"))
@example(sent=body(to=BO, text="a" * (BEYOND - 1)))
@example(sent=body(to=BO, text="\U0001f44d" * (MAX_SEND_BYTES // 12)))
@example(sent=body(to=GROUP, text="a", replyTo={"id": "A", "chat": GROUP, "sender": BO}))
@example(sent=body(to=BO, location={"latitude": 1e308, "longitude": 0}))
@example(sent=body(to=BO, text="a", ttl=1e18))
@example(sent=body(to=BO, text="a", typing=float("nan")))
def test_a_body_of_a_message_is_stored_as_it_was_written_or_refused(goal: Target, sent: Sent) -> None:
    goal.run(_send(goal, sent))
    goal.check_log()


async def _send(goal: Target, sent: Sent) -> None:
    response = await goal.front.client.post("/sessions/shop/messages", data=BytesIO(sent))
    if response.status == 201:
        await _check_stored(goal, response, json.loads(sent))
    else:
        problem = await response.json()
        assert REFUSALS.get(problem["code"]) == response.status, problem
        assert problem["detail"]
    assert (response.status == 413) == (len(sent) > MAX_SEND_BYTES)


async def _check_stored(goal: Target, response: ClientResponse, body: dict[str, Any]) -> None:
    made = await response.json()
    kept = await (await goal.front.get(f"/sessions/shop/messages/{made['id']}")).json()
    assert (kept["kind"], kept["text"], kept["chat"]) == (
        made["kind"],
        _whole(body.get("text")),
        made["chat"],
    )
    assert kept["chat"].partition("@")[2] in ("s.whatsapp.net", "lid", "g.us")
    for part in ("location", "contact"):
        assert (kept[part] is None) == (body.get(part) is None)


def _whole(text: str | None) -> str | None:
    """A text in which each two halves of a character are one."""
    return None if text is None else text.encode("utf-16", "surrogatepass").decode("utf-16")
