"""Webhooks, as callers make, list, change and delete them."""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager

import pytest

from tests.api.conftest import Front
from tests.api.webhooks.calls import DAY, URL, make, refused
from tests.support.consumer import Consumer


async def test_the_secret_is_shown_once(front: Front) -> None:
    made = await make(front, headers={"Authorization": "Bearer hidden"})
    listed = await (await front.get("/webhooks")).json()
    read = await (await front.get(f"/webhooks/{made['id']}")).json()

    secret = made.pop("secret")
    assert secret.startswith("whsec_")
    assert listed == {"items": [made], "nextCursor": None}
    assert read == made
    assert made["headerNames"] == ["Authorization"]
    assert "hidden" not in str(made)


async def test_a_webhook_is_changed_field_by_field(front: Front) -> None:
    made = await make(front, types=["message.received"], sessions=["shop"], headers={"A": "1"})
    del made["secret"]

    path = f"/webhooks/{made['id']}"
    changed = await (await front.client.patch(path, json={"giveUpAfter": 60})).json()
    assert changed == made | {"giveUpAfter": 60}
    changed = await (
        await front.client.patch(
            path, json={"types": None, "sessions": None, "headers": None, "giveUpAfter": None}
        )
    ).json()
    assert changed == made | {"types": None, "sessions": None, "headerNames": [], "giveUpAfter": DAY}


async def test_headers_of_a_webhook_go_to_no_other_server_unless_they_are_given_again(front: Front) -> None:
    """Who may change a webhook need not know its secrets."""
    made = await make(front, url="http://127.0.0.1:1/old", headers={"Authorization": "Bearer hidden"})
    path = f"/webhooks/{made['id']}"
    for url in ("http://127.0.0.1:2/", "https://127.0.0.1:1/", "http://127.0.0.2:1/"):
        answer = await front.client.patch(path, json={"url": url})
        assert answer.status == 400
        assert (await answer.json())["errors"][0]["pointer"] == "/headers"

    assert (await front.client.patch(path, json={"url": "http://127.0.0.1:1/new"})).status == 200
    moved = {"url": "http://127.0.0.2:1/", "headers": {"Authorization": "Bearer another"}}
    assert (await front.client.patch(path, json=moved)).status == 200
    assert (await front.client.patch(path, json={"url": "http://127.0.0.3:1/", "headers": {}})).status == 200
    assert (await front.client.patch(path, json={"url": "http://127.0.0.4:1/"})).status == 200


async def test_a_deleted_webhook_is_gone(front: Front) -> None:
    made = await make(front)
    path = f"/webhooks/{made['id']}"

    assert (await front.client.delete(path)).status == 204

    assert await refused(front, "GET", path) == (
        404,
        "webhook-not-found",
        f"there is no webhook {made['id']}",
    )
    for method, address in (
        ("DELETE", path),
        ("POST", f"{path}/test"),
        ("POST", f"{path}/rotate-secret"),
        ("GET", f"{path}/deliveries"),
    ):
        assert (await refused(front, method, address))[1] == "webhook-not-found"


async def test_webhooks_are_listed_in_pages(front: Front) -> None:
    ids = []
    for _ in range(5):
        ids.append((await make(front))["id"])
        front.time.advance(1)

    found: list[str] = []
    params = {"limit": "2"}
    while True:
        page = await (await front.get("/webhooks", params=params)).json()
        found += [one["id"] for one in page["items"]]
        if page["nextCursor"] is None:
            break
        params["cursor"] = page["nextCursor"]

    assert found == ids


async def test_a_rotation_signs_with_both_secrets_for_a_day(front: Front, good: Consumer) -> None:
    made = await make(front, good.url)
    path = f"/webhooks/{made['id']}"

    rotated = await (await front.client.post(f"{path}/rotate-secret")).json()
    assert rotated["secret"] != made["secret"]
    await front.client.post(f"{path}/test")
    assert good.got[0].headers["webhook-signature"].count("v1,") == 2

    front.time.advance(DAY)
    await front.client.post(f"{path}/test")
    assert good.got[1].headers["webhook-signature"].count("v1,") == 1
    assert (await (await front.get(path)).json())["oldSecretUntil"] is None


@contextmanager
def slow_look_up(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> Generator[tuple[asyncio.Event, asyncio.Event]]:
    """A name server that answers late: the first event says that it was asked, the second lets it answer."""
    asked, answer = asyncio.Event(), asyncio.Event()

    async def look_up(_: str) -> None:
        asked.set()
        await answer.wait()

    with monkeypatch.context() as patched:
        patched.setattr(front.whole.webhook_client, "private_address", look_up)
        yield asked, answer


async def test_a_change_is_checked_against_the_webhook_as_it_is_when_it_is_stored(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of two changes is allowed, but not both of them together."""
    bound = await front.key("bound", "webhooks", sessions=["shop"])
    for theirs, expected in (
        ({"sessions": None}, 404),
        ({"types": ["session.qr"]}, 403),
        ({"headers": {"Authorization": "Bearer hidden"}}, 400),
    ):
        made = await make(front, sessions=["shop"])
        path = f"/webhooks/{made['id']}"
        with slow_look_up(front, monkeypatch) as (asked, answer):
            mine = asyncio.ensure_future(
                front.client.patch(path, json={"url": "https://93.184.216.35/mine"}, headers=bound)
            )
            await asked.wait()
            assert (await front.client.patch(path, json=theirs)).status == 200
            answer.set()
            assert (await mine).status == expected, theirs
        assert (await (await front.get(path)).json())["url"] == URL


async def test_a_change_keeps_what_another_one_has_changed_meanwhile(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"/webhooks/{(await make(front))['id']}"
    with slow_look_up(front, monkeypatch) as (asked, answer):
        mine = asyncio.ensure_future(front.client.patch(path, json={"url": f"{URL}&mine"}))
        await asked.wait()
        assert (await front.client.patch(path, json={"giveUpAfter": 7, "sessions": ["a"]})).status == 200
        answer.set()
        assert (await mine).status == 200

    webhook = await (await front.get(path)).json()
    assert (webhook["url"], webhook["giveUpAfter"], webhook["sessions"]) == (f"{URL}&mine", 7, ["a"])
