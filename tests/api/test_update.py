"""Changing what callers set on a session."""

import asyncio
from typing import Any

import pytest

from tests.api.conftest import READ_KEY, Front
from tests.api.second_front import another
from tests.support.stream import following

SHOP = "/sessions/shop"


async def patched(front: Front, **fields: Any) -> dict[str, Any]:
    response = await front.client.patch(SHOP, json=fields)
    assert response.status == 200, await response.text()
    return dict(await response.json())


def link_of(front: Front) -> dict[str, Any]:
    """What the connector's next link is opened with."""
    link = front.connector().link
    assert link is not None
    return link


async def test_a_patch_changes_what_it_names_and_answers_with_the_session(front: Front) -> None:
    created = await front.create()
    front.time.advance(1)
    session = await patched(front, name="The shop", deviceName="The shop's till")
    assert (session["name"], session["deviceName"]) == ("The shop", "The shop's till")
    assert session["updatedAt"] > created["updatedAt"]
    assert await front.read(params={"refresh": "false"}) == session


async def test_what_a_patch_does_not_name_stays(front: Front) -> None:
    await front.create()
    await patched(front, name="The shop", deviceName="Till")
    assert (await patched(front, name="The other shop"))["deviceName"] == "Till"
    assert (await patched(front, deviceName="Counter"))["name"] == "The other shop"


async def test_null_takes_a_field_back_to_its_default(front: Front) -> None:
    await front.create()
    await patched(front, name="The shop", deviceName="Till")
    session = await patched(front, name=None, deviceName=None)
    assert (session["name"], session["deviceName"]) == (None, "Motte")


@pytest.mark.parametrize("body", [b"", b"{}"])
async def test_an_empty_patch_changes_nothing(front: Front, body: bytes) -> None:
    created = await front.create()
    front.time.advance(1)
    response = await front.client.patch(SHOP, data=body)
    assert (response.status, await response.json()) == (200, created)


async def test_a_patch_to_what_the_session_has_changes_nothing(front: Front) -> None:
    await front.create()
    await patched(front, name="The shop")
    before = await front.read()
    front.time.advance(1)
    assert await patched(front, name="The shop", deviceName=None) == before


async def test_a_create_may_name_the_device(front: Front) -> None:
    response = await front.client.post("/sessions", json={"id": "shop", "deviceName": "Till 🛒"})
    assert (response.status, (await response.json())["deviceName"]) == (201, "Till 🛒")
    assert link_of(front)["deviceName"] == "Till 🛒"


@pytest.mark.parametrize(
    ("body", "pointer", "rule"),
    [
        ({"id": "other"}, "/id", "is not a field here"),
        ({"status": "connected"}, "/status", "is not a field here"),
        ({"name": ""}, "/name", "must have at least 1 character"),
        ({"name": "a\nb"}, "/name", "no line breaks, control characters"),
        ({"name": 7}, "/name", "must be text or null, not a whole number"),
        ({"deviceName": ""}, "/deviceName", "must have at least 1 character"),
        ({"deviceName": "x" * 51}, "/deviceName", "must have at most 50 characters"),
        ({"deviceName": "  "}, "/deviceName", "a character that is not a space"),
        ({"deviceName": "Till\u202e"}, "/deviceName", "override the direction of text"),
        ({"name": "\u200b\u200f"}, "/name", "must not consist of invisible marks"),
        ({"deviceName": " \ufeff"}, "/deviceName", "a character that is not a space or an invisible mark"),
        ([], "", "must be an object, not a list"),
    ],
)
async def test_a_patch_that_breaks_a_rule_is_told_which_and_changes_nothing(
    front: Front, body: object, pointer: str, rule: str
) -> None:
    created = await front.create()
    response = await front.client.patch(SHOP, json=body)
    problem = await response.json()
    assert (response.status, problem["code"]) == (400, "validation-failed")
    assert problem["errors"][0]["pointer"] == pointer
    assert rule in problem["errors"][0]["detail"]
    assert await front.read() == created


async def test_invisible_marks_that_come_with_a_copy_are_removed_from_names(front: Front) -> None:
    names = {"name": "\u200fカフェ\u200b \ufeff👩\u200d💻", "deviceName": "\u2060Till\u200e"}
    response = await front.client.post("/sessions", json={"id": "shop", **names})
    created = await response.json()
    assert response.status == 201, created
    assert (created["name"], created["deviceName"]) == ("カフェ 👩\u200d💻", "Till")
    changed = await patched(front, name="The\u200b shop")
    assert changed["name"] == "The shop"


async def test_a_patch_of_no_session_is_a_404(front: Front) -> None:
    response = await front.client.patch("/sessions/none", json={"name": "x"})
    assert (response.status, (await response.json())["code"]) == (404, "session-not-found")


async def test_a_key_that_may_only_read_changes_nothing(front: Front) -> None:
    await front.create()
    headers = {"Authorization": f"Bearer {READ_KEY}"}
    response = await front.client.patch(SHOP, json={"name": "x"}, headers=headers)
    assert (response.status, (await response.json())["code"]) == (403, "forbidden")
    assert (await front.row()).name is None


async def test_a_key_bound_to_other_sessions_does_not_find_this_one(front: Front) -> None:
    await front.create()
    headers = await front.key("bound", "sessions:write", sessions=["other"])
    response = await front.client.patch(SHOP, json={"name": "x"}, headers=headers)
    assert response.status == 404


async def test_streams_tell_of_a_new_name(front: Front) -> None:
    await front.create()
    async with following(front.client, "/events") as reader:
        await reader.placed()
        session = await patched(front, name="The shop")
        without_code = session | {"qrCode": None, "qrExpiresAt": None}
        assert await reader.next() == ("session.status", without_code)


async def test_a_new_name_ends_a_wait_for_something_newer(front: Front) -> None:
    await front.create()
    response = await front.get(SHOP)
    headers = {"If-None-Match": response.headers["ETag"], "Prefer": "wait=30"}
    waiting = asyncio.create_task(front.get(SHOP, headers=headers))
    await front.watched()
    await patched(front, name="The shop")
    newer = await waiting
    assert (newer.status, (await newer.json())["name"]) == (200, "The shop")
    assert newer.headers["ETag"] != response.headers["ETag"]


async def test_a_new_name_leaves_the_code_alone(front: Front) -> None:
    created = await front.create()
    session = await patched(front, name="The shop")
    assert (session["qrCode"], session["qrExpiresAt"]) == (created["qrCode"], created["qrExpiresAt"])
    assert front.whatsapp.registrations == 1


async def test_a_code_that_would_link_under_the_old_device_name_dies_at_once(front: Front) -> None:
    created = await front.create()
    session = await patched(front, deviceName="Till")
    assert (session["status"], session["qrCode"], session["qrExpiresAt"]) == ("qr_waiting", None, None)
    fresh = await front.read()
    assert fresh["qrCode"] not in (None, created["qrCode"])
    assert link_of(front)["deviceName"] == "Till"


async def test_a_paired_session_keeps_its_link_and_is_told_its_new_device_name(front: Front) -> None:
    await front.pair()
    session = await patched(front, deviceName="Till")
    assert session["status"] == "connected"
    await front.said("set_link")
    assert front.whatsapp.logins == 1


async def test_a_connector_that_starts_later_hears_the_new_device_name_in_its_hello(front: Front) -> None:
    await front.create()
    await front.ask("stop")
    await patched(front, deviceName="Till")
    await front.ask("start")
    hello = front.connector().commands[0]
    assert (hello["command"], hello["link"]["deviceName"]) == ("hello", "Till")


async def test_a_second_front_has_the_first_one_change_it(front: Front) -> None:
    await front.create()
    async with another(front) as second:
        response = await second.client.patch(SHOP, json={"name": "The shop", "deviceName": "Till"})
        session = await response.json()
        assert (response.status, session["name"], session["deviceName"]) == (200, "The shop", "Till")
        response = await second.client.patch("/sessions/none", json={"name": "x"})
        assert response.status == 404
