"""Which keys make, see and serve which webhooks."""

import asyncio

import pytest

from tests.api.conftest import READ_KEY, Front
from tests.api.webhooks.calls import URL, happen, make, refused
from tests.support.consumer import Consumer, consumer
from tests.support.eventually import eventually


async def test_a_key_needs_the_scope(front: Front) -> None:
    reader = {"Authorization": f"Bearer {READ_KEY}"}
    hooks = await front.key("hooks", "webhooks")

    assert (await front.get("/webhooks", headers=reader)).status == 403
    assert (await front.get("/webhooks", headers=hooks)).status == 200
    assert (await front.get("/sessions", headers=hooks)).status == 403


async def test_only_a_key_that_may_read_codes_sends_them_to_a_webhook(front: Front) -> None:
    hooks = await front.key("hooks", "webhooks")
    both = await front.key("both", "webhooks", "sessions:read")
    body = {"url": URL, "types": ["session.qr"]}

    assert (await refused(front, "POST", "/webhooks", json=body, headers=hooks))[:2] == (403, "forbidden")
    response = await front.client.post("/webhooks", json=body, headers=both)
    assert response.status == 201
    made = await response.json()
    moved = await refused(
        front, "PATCH", f"/webhooks/{made['id']}", json={"url": URL + "&mine"}, headers=hooks
    )
    assert moved[:2] == (403, "forbidden"), "nor does it turn a webhook with codes to another address"
    assert (await (await front.get(f"/webhooks/{made['id']}")).json())["url"] == URL


async def test_a_bound_key_makes_and_sees_webhooks_of_its_sessions_alone(front: Front) -> None:
    bound = await front.key("bound", "webhooks", sessions=["a", "b"])
    for_all, for_other, for_both = (
        await make(front),
        await make(front, sessions=["a", "c"]),
        await make(front, sessions=["a", "b"]),
    )

    listed = await (await front.get("/webhooks", headers=bound)).json()
    assert [one["id"] for one in listed["items"]] == [for_both["id"]]
    for hidden in (for_all, for_other):
        path = f"/webhooks/{hidden['id']}"
        for method, address in (
            ("GET", path),
            ("PATCH", path),
            ("DELETE", path),
            ("POST", f"{path}/test"),
            ("POST", f"{path}/rotate-secret"),
            ("GET", f"{path}/deliveries"),
        ):
            assert (await refused(front, method, address, headers=bound))[:2] == (404, "webhook-not-found")
        got = await refused(front, "POST", f"{path}/replay", json={"dead": True}, headers=bound)
        assert got[:2] == (404, "webhook-not-found")

    own = await (await front.client.post("/webhooks", json={"url": URL}, headers=bound)).json()
    assert own["sessions"] == ["a", "b"]
    body = {"url": URL, "sessions": ["a", "c"]}
    assert (await refused(front, "POST", "/webhooks", json=body, headers=bound))[:2] == (403, "forbidden")
    path = f"/webhooks/{own['id']}"
    assert (await refused(front, "PATCH", path, json={"sessions": ["c"]}, headers=bound))[0] == 403
    widened = await (await front.client.patch(path, json={"sessions": None}, headers=bound)).json()
    assert widened["sessions"] == ["a", "b"]


async def test_a_bound_key_leaves_webhooks_to_the_others(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.webhooks.share.MAX_WEBHOOKS_OF_ONE_KEY", 2)
    first, second = [await front.key(name, "webhooks", sessions=["shop"]) for name in ("first", "second")]

    async def create(key: dict[str, str]) -> str:
        """The id of the webhook, or the detail of the refusal."""
        answer = await (await front.client.post("/webhooks", json={"url": URL}, headers=key)).json()
        return str(answer.get("id") or answer["detail"])

    full = "the API key first has 2 webhooks: one that is bound to sessions may have 2"
    made = {*await asyncio.gather(*(create(first) for _ in range(4)))} - {full}
    assert len(made) == 2
    refusal = await refused(front, "POST", "/webhooks", json={"url": URL}, headers=first)
    assert refusal == (409, "too-many-webhooks", full)
    assert all([(await create(second)).startswith("wh_") for _ in range(2)])
    for _ in range(3):
        await make(front, sessions=["shop"])

    path, body = f"/webhooks/{made.pop()}", {"enabled": False}
    refusal = await refused(front, "PATCH", path, json=body, headers=second)
    assert refusal[:2] == (409, "too-many-webhooks"), "a change would make it one of the second key"
    assert (await front.client.patch(path, json=body, headers=first)).status == 200
    assert (await front.client.delete(path, headers=first)).status == 204
    assert (await create(first)).startswith("wh_")
    assert await create(first) == full


async def test_a_key_for_a_session_sees_no_webhook_of_the_session_that_had_its_id_before(
    front: Front, good: Consumer
) -> None:
    old = await front.key("old", "webhooks", sessions=["shop"])
    await front.create()
    await make(front, good.url, sessions=["shop"])
    answer = await front.client.post("/webhooks", json={"url": good.url}, headers=old)
    path = f"/webhooks/{(await answer.json())['id']}"
    await happen(front, data='{"text":"of the first"}')
    await good.until(2)
    assert (await front.client.delete("/sessions/shop")).status == 204
    front.time.advance(1)
    new = await front.key("new", "webhooks", sessions=["shop"])

    async def seen(key: dict[str, str]) -> list[str]:
        listed = await (await front.get("/webhooks", headers=key)).json()
        return [f"/webhooks/{one['id']}" for one in listed["items"]]

    assert await seen(new) == []
    await front.create()
    assert await seen(new) == []
    for method, address, body in (
        ("PATCH", path, {"url": f"{good.url}mine"}),
        ("POST", f"{path}/replay", {"since": "2000-01-01T00:00:00Z"}),
    ):
        assert (await refused(front, method, address, json=body, headers=new))[0] == 404
    assert path in await seen(old), "a key that was there before reads both"
    answer = await front.client.post("/webhooks", json={"url": URL}, headers=new)
    assert await seen(new) == [f"/webhooks/{(await answer.json())['id']}"]


async def test_a_key_that_is_younger_than_its_session_keeps_its_webhook_when_the_session_is_made_again(
    front: Front,
) -> None:
    await front.create()
    key = await front.key("tenant", "webhooks", sessions=["shop"])
    made = await (await front.client.post("/webhooks", json={"url": URL}, headers=key)).json()
    path = f"/webhooks/{made['id']}"
    assert (await front.client.delete("/sessions/shop")).status == 204
    assert (await front.get(path, headers=key)).status == 200
    front.time.advance(1)
    await front.create()

    found = await (await front.get(path, headers=key)).json()
    assert (found["sessions"], found["status"]) == (["shop"], "active")


async def test_a_webhook_whose_key_is_gone_gets_nothing_of_the_next_session_with_the_id(
    front: Front, good: Consumer
) -> None:
    old = await front.key("old", "webhooks", sessions=["shop", "cafe"])
    await front.create()
    await front.create("cafe")
    async with consumer() as other:
        made = await front.client.post("/webhooks", json={"url": good.url}, headers=old)
        path = f"/webhooks/{(await made.json())['id']}"
        await make(front, other.url, sessions=["shop"], types=["message.received"])
        await happen(front, data='{"text":"of the first"}')
        await good.until(1)
        assert (await front.client.delete("/sessions/shop")).status == 204
        await front.whole.store.keys.delete("old")
        front.time.advance(1)
        await front.create()
        await happen(front, data='{"text":"of the second"}')
        await other.until(2)
        await happen(front, "cafe", data='{"text":"of the cafe"}')

        async def came() -> bool:
            return "of the cafe" in [one.event["data"].get("text") for one in good.got]

        await eventually(came)

    got = [one.event["data"]["text"] for one in good.got if one.event["type"] == "message.received"]
    assert got == ["of the first", "of the cafe"]
    assert (await (await front.get(path)).json())["sessions"] == ["cafe"]
