"""Webhooks, as callers make, change and test them."""

import asyncio
from collections.abc import AsyncGenerator, Generator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from server.core.settings.model import Settings
from store.ports.unit_of_work import UnitOfWork
from store.records.events import NewEvent
from tests.api.conftest import READ_KEY, Front, opened
from tests.support.consumer import Consumer, consumer, status
from tests.support.eventually import eventually
from tests.support.time import TurnedTime

URL = "https://93.184.216.34/motte?token=s3cret"
DAY = 86_400


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, allow_private_webhooks=True)


@pytest.fixture
async def good() -> AsyncGenerator[Consumer]:
    async with consumer() as found:
        yield found


async def make(front: Front, url: str = URL, **others: Any) -> dict[str, Any]:
    response = await front.client.post("/webhooks", json={"url": url, **others})
    assert response.status == 201, await response.text()
    return dict(await response.json())


async def refused(front: Front, method: str, path: str, **options: Any) -> tuple[int, str, str]:
    """Status, code and detail of the problem that the request is answered with."""
    response = await front.client.request(method, path, **options)
    document = await response.json()
    return response.status, document["code"], document["detail"]


async def happen(front: Front, session_id: str = "shop", data: str = '{"n":1}') -> None:
    """Adds an event to the log."""

    def work(unit: UnitOfWork) -> None:
        unit.add_event(NewEvent(type="message.received", at=front.time.clock.wall(), data=data))

    token = front.owner.state_machine._tokens[session_id]
    await front.whole.store.transact(session_id, work, token=token)


async def deliveries(front: Front, webhook_id: str, **params: str) -> list[Any]:
    response = await front.get(f"/webhooks/{webhook_id}/deliveries", params=params)
    assert response.status == 200, await response.text()
    return list((await response.json())["items"])


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


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"url": ""},
        {"url": "ftp://a.example/"},
        {"url": "https://user:password@a.example/"},
        {"url": "https://a.example/#part"},
        {"url": "https://a.example/\nX: y"},
        {"url": "https://a.example:0/"},
        {"url": "//a.example/"},
        {"url": "https://a.example/" + "x" * 2000},
        {"url": URL, "types": []},
        {"url": URL, "types": ["message"]},
        {"url": URL, "types": ["webhook.test"]},
        {"url": URL, "sessions": []},
        {"url": URL, "sessions": ["a b"]},
        {"url": URL, "giveUpAfter": -1},
        {"url": URL, "giveUpAfter": DAY + 1},
        {"url": URL, "giveUpAfter": 1.5},
        {"url": URL, "secret": "whsec_mine"},
        {"url": URL, "headers": {"": "a"}},
        {"url": URL, "headers": {"A B": "a"}},
        {"url": URL, "headers": {"A": ""}},
        {"url": URL, "headers": {"A": "a\r\nX: y"}},
        {"url": URL, "headers": {"A": "ä"}},
        {"url": URL, "headers": {"A": "\x00"}},
        {"url": URL, "headers": {"A": "1", "a": "2"}},
        {"url": URL, "headers": {"Host": "b.example"}},
        {"url": URL, "headers": {"Content-Length": "1"}},
        {"url": URL, "headers": {"Transfer-Encoding": "chunked"}},
        {"url": URL, "headers": {"webhook-id": "evt_1"}},
        {"url": URL, "headers": {"Webhook-Signature": "v1,a"}},
    ],
)
async def test_a_body_that_breaks_a_rule_is_refused(front: Front, body: dict[str, Any]) -> None:
    got, code, detail = await refused(front, "POST", "/webhooks", json=body)

    assert (got, code) == (400, "validation-failed"), detail
    assert "s3cret" not in detail
    assert await front.whole.store.webhooks.all() == []


@pytest.mark.parametrize(
    "body",
    [
        '{"url": "https://a.example/%s"}',
        '{"url": "https://a.example/", "headers": {"A": "%s"}}',
        '{"url": "https://a.example/", "headers": {"%s": "a"}}',
        '{"url": "https://a.example/", "types": ["%s"]}',
        '{"url": "https://a.example/", "sessions": ["%s"]}',
        '{"%s": 1}',
    ],
)
@pytest.mark.parametrize("half", ["\\ud800", "\\udc00\\ud800", "\ud800"])
async def test_a_body_with_half_a_character_is_refused(front: Front, body: str, half: str) -> None:
    data = (body % half).encode("utf-8", "surrogatepass")
    status, code, _ = await refused(front, "POST", "/webhooks", data=data)
    assert (status, code) == (400, "malformed-json")
    assert await front.whole.store.webhooks.all() == []


async def test_headers_have_a_largest_number_and_size(front: Front) -> None:
    await make(front, headers={f"X-{number}": "1" for number in range(20)})
    await make(front, headers={"A": "x" * 4095})

    for headers in ({f"X-{number}": "1" for number in range(21)}, {"A": "x" * 4096}):
        got = await refused(front, "POST", "/webhooks", json={"url": URL, "headers": headers})
        assert got[:2] == (400, "validation-failed")


async def test_a_url_has_a_longest_text(front: Front) -> None:
    longest = "https://93.184.216.34/" + "x" * 1978
    await make(front, longest)

    got = await refused(front, "POST", "/webhooks", json={"url": longest + "x"})
    assert got[:2] == (400, "validation-failed")


async def test_a_webhook_names_a_thousand_sessions_at_most(front: Front) -> None:
    names = [f"s{number}" for number in range(1001)]
    assert len((await make(front, sessions=names[:1000]))["sessions"]) == 1000

    got = await refused(front, "POST", "/webhooks", json={"url": URL, "sessions": names})
    assert got[:2] == (400, "validation-failed")


async def test_an_event_is_given_up_after_a_day_at_the_latest(front: Front) -> None:
    assert (await make(front, giveUpAfter=DAY))["giveUpAfter"] == DAY

    got = await refused(front, "POST", "/webhooks", json={"url": URL, "giveUpAfter": DAY + 1})
    assert got[:2] == (400, "validation-failed")


async def test_there_may_be_a_thousand_webhooks(front: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.webhooks.service.MAX_WEBHOOKS", 2)
    await make(front)
    await make(front)

    assert (await refused(front, "POST", "/webhooks", json={"url": URL}))[:2] == (409, "too-many-webhooks")


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


async def test_an_address_of_this_host_is_refused_and_the_message_says_what_to_do(
    settings: Settings, time: TurnedTime
) -> None:
    async with opened(replace(settings, allow_private_webhooks=False), time) as front:
        for url in ("http://127.0.0.1:5678/", "http://localhost:5678/", "http://[::ffff:10.0.0.1]/"):
            got, code, detail = await refused(front, "POST", "/webhooks", json={"url": url})
            assert (got, code) == (400, "validation-failed")
            assert "MOTTE_ALLOW_PRIVATE_WEBHOOKS=1" in detail
        made = await make(front)
        path = f"/webhooks/{made['id']}"
        assert (await refused(front, "PATCH", path, json={"url": "http://10.0.0.1/"}))[0] == 400


async def test_in_the_sandbox_a_webhook_may_be_on_the_loopback_and_on_no_other_address_of_this_host(
    settings: Settings, time: TurnedTime, good: Consumer
) -> None:
    in_sandbox = replace(settings, allow_private_webhooks=False, sandbox=True)
    async with opened(in_sandbox, time) as front:
        made = await make(front, good.url)
        tested = await (await front.client.post(f"/webhooks/{made['id']}/test")).json()
        assert tested["delivered"]
        for url in ("http://10.0.0.1/", "http://169.254.169.254/"):
            assert (await refused(front, "POST", "/webhooks", json={"url": url}))[0] == 400


async def test_an_event_arrives_and_is_in_the_log_of_deliveries(front: Front, good: Consumer) -> None:
    made = await make(front, good.url, types=["message.received"], headers={"X-Own": "1"})
    await front.create()
    await happen(front)
    [delivery] = await good.until(1)

    assert delivery.headers["x-own"] == "1"
    assert delivery.event["sessionId"] == "shop"
    assert delivery.event["data"] == {"n": 1}
    [entry] = await eventually(lambda: deliveries(front, made["id"]))
    assert entry["eventId"] == delivery.id == delivery.event["id"]
    assert (entry["state"], entry["attempt"], entry["status"], entry["error"]) == ("delivered", 1, 204, None)
    assert await deliveries(front, made["id"], state="failed") == []


async def test_a_webhook_shows_nothing_that_waits_of_a_session_that_it_has_no_longer(
    front: Front, good: Consumer
) -> None:
    good.answers = [503]
    made = await make(front, good.url, types=["message.received"])
    await front.create()
    await front.create("cafe")
    await happen(front)
    await eventually(lambda: deliveries(front, made["id"], state="waiting"))
    await front.client.patch(f"/webhooks/{made['id']}", json={"sessions": ["cafe"]})
    assert await deliveries(front, made["id"], state="waiting") == []


async def test_a_webhook_shows_no_tries_and_no_dead_events_of_a_session_that_it_has_no_longer(
    front: Front, good: Consumer
) -> None:
    bound = await front.key("bound", "webhooks", sessions=["cafe"])
    good.answer = status(500)
    made = await make(front, good.url, types=["message.received"], sessions=["shop", "cafe"], giveUpAfter=0)
    await front.create()
    await front.create("cafe")
    await happen(front)
    await happen(front, "cafe")

    async def both() -> bool:
        return len(await deliveries(front, made["id"], state="dead")) == 2

    await eventually(both)
    await front.client.patch(f"/webhooks/{made['id']}", json={"sessions": ["cafe"]})

    for params in ({}, {"state": "dead"}, {"state": "failed"}):
        answer = await front.get(f"/webhooks/{made['id']}/deliveries", params=params, headers=bound)
        assert [one["sessionId"] for one in (await answer.json())["items"]] == ["cafe"]


async def test_a_dead_event_is_listed_and_replayed_with_the_same_bytes(front: Front, good: Consumer) -> None:
    good.answers = [500]
    made = await make(front, good.url, types=["message.received"], giveUpAfter=0)
    await front.create()
    await happen(front)
    [entry] = await eventually(lambda: deliveries(front, made["id"], state="dead"))
    assert (entry["state"], entry["attempt"], entry["error"]) == ("dead", 1, "HTTP 500")

    response = await front.client.post(f"/webhooks/{made['id']}/replay", json={"dead": True})
    assert (response.status, await response.json()) == (202, {"dead": 1})
    first, second = await good.until(2)

    assert (first.id, first.body) == (second.id, second.body)

    async def none_is_left() -> bool:
        return not await deliveries(front, made["id"], state="dead")

    await eventually(none_is_left)


async def test_an_event_that_failed_is_listed_as_waiting_until_it_arrives(
    front: Front, good: Consumer
) -> None:
    made = await make(front, good.url, types=["message.received"])
    good.answers = [503]
    await front.create()
    await happen(front)
    [failed] = await good.until(1)

    [entry] = await eventually(lambda: deliveries(front, made["id"], state="waiting"))
    assert (entry["eventId"], entry["attempt"], entry["error"]) == (failed.id, 1, "HTTP 503")
    assert entry["at"] > failed.event["timestamp"]
    front.time.advance(10)
    await good.until(2)

    async def none_waits() -> bool:
        return not await deliveries(front, made["id"], state="waiting")

    await eventually(none_waits)


async def test_events_after_a_cursor_are_delivered_again(front: Front, good: Consumer) -> None:
    made = await make(front, good.url, types=["message.received"])
    await front.create()
    for number in (1, 2, 3):
        await happen(front, data=str(number))
    first, *others = await good.until(3)

    async def all_are_written() -> bool:
        return len(await deliveries(front, made["id"])) == 3

    await eventually(all_are_written)
    body = {"after": first.event["cursor"]}
    assert (await front.client.post(f"/webhooks/{made['id']}/replay", json=body)).status == 202
    again = (await good.until(5))[3:]

    assert [(one.id, one.body) for one in again] == [(one.id, one.body) for one in others]


async def test_events_since_a_moment_are_delivered_again(front: Front, good: Consumer) -> None:
    made = await make(front, good.url, types=["message.received"])
    await front.create()
    await happen(front, data="1")
    front.time.advance(60)
    for number in (2, 3):
        await happen(front, data=str(number))
    _, *others = await good.until(3)
    path, since = f"/webhooks/{made['id']}/replay", others[0].event["timestamp"]

    async def all_are_written() -> bool:
        return len(await deliveries(front, made["id"])) == 3

    await eventually(all_are_written)
    later = datetime.fromisoformat(since) + timedelta(milliseconds=1)
    assert (await front.client.post(path, json={"since": later.isoformat()})).status == 202
    assert (await front.client.post(path, json={"since": since})).status == 202
    again = (await good.until(5))[3:]

    assert [(one.id, one.body) for one in again] == [(one.id, one.body) for one in others]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"dead": False},
        {"dead": True, "after": "x"},
        {"after": 1},
        {"since": "2026-05-25T12:00:00Z", "dead": True},
        {"since": "2026-05-25T12:00:00"},
        {"since": "yesterday"},
        {"since": 1},
        {"since": "0001-01-01T00:00:00+23:59:60"},
    ],
)
async def test_a_replay_names_one_of_them(front: Front, body: dict[str, Any]) -> None:
    made = await make(front)

    assert (await refused(front, "POST", f"/webhooks/{made['id']}/replay", json=body))[0] == 400


async def test_a_cursor_of_another_log_has_expired(front: Front) -> None:
    made = await make(front)

    for cursor in ("x", "", "ä", "rjXRtWOaiDfpeGiBTwU1UQ"):
        got = await refused(front, "POST", f"/webhooks/{made['id']}/replay", json={"after": cursor})
        assert got[:2] == (410, "cursor-expired")


async def test_a_test_delivery_says_how_it_went(front: Front, good: Consumer) -> None:
    made = await make(front, good.url)
    good.answers = [418]

    async def test() -> Any:
        return await (await front.client.post(f"/webhooks/{made['id']}/test")).json()

    failed, went = await test(), await test()

    assert (failed["delivered"], failed["status"], failed["error"]) == (False, 418, "HTTP 418")
    assert (went["delivered"], went["status"], went["error"]) == (True, 204, None)
    assert good.got[0].event["type"] == "webhook.test"
    assert good.got[0].event["data"] == {"webhookId": made["id"]}
    assert [one["type"] for one in await deliveries(front, made["id"])] == ["webhook.test"] * 2


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


async def test_a_disabled_webhook_says_so_and_goes_on_where_it_was(front: Front, good: Consumer) -> None:
    good.answers = [410]
    made = await make(front, good.url, types=["message.received"])
    path = f"/webhooks/{made['id']}"
    await front.create()
    await happen(front)

    async def is_disabled() -> Any:
        found = await (await front.get(path)).json()
        return found if found["status"] == "disabled" else None

    assert (await eventually(is_disabled))["reason"] == "the webhook answered 410 Gone"
    enabled = await (await front.client.patch(path, json={"enabled": True})).json()
    assert (enabled["status"], enabled["reason"]) == ("active", None)
    first, second = await good.until(2)
    assert first.id == second.id


async def test_a_caller_pauses_a_webhook(front: Front, good: Consumer) -> None:
    made = await make(front, good.url, types=["message.received"], enabled=False)
    assert (made["status"], made["reason"]) == ("disabled", "a caller disabled it")
    await front.create()
    await happen(front)
    await front.client.patch(f"/webhooks/{made['id']}", json={"enabled": True})

    await good.until(1)


async def test_a_webhook_of_any_front_is_served_by_the_one_that_leads(
    front: Front, settings: Settings, time: TurnedTime, good: Consumer
) -> None:
    await front.create()
    async with opened(settings, time, front.supervisor) as follower:
        assert not follower.whole.leads.is_set()
        made = await make(follower, good.url, types=["message.received"])
        await happen(front)
        await good.until(1)
        tested = await (await follower.client.post(f"/webhooks/{made['id']}/test")).json()
        assert tested["delivered"]
        await eventually(lambda: deliveries(follower, made["id"], state="delivered"))
        assert (await follower.client.delete(f"/webhooks/{made['id']}")).status == 204

    async def knows_none() -> bool:
        return not await front.whole.store.webhooks.versions()

    await eventually(knows_none)
    assert [one.event["type"] for one in good.got] == ["message.received", "webhook.test"]


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


async def test_a_code_goes_once_to_the_webhooks_that_name_it_and_is_in_no_log(
    front: Front, good: Consumer, caplog: pytest.LogCaptureFixture
) -> None:
    async with consumer() as other:
        named = await make(front, good.url, types=["session.qr"])
        unnamed = await make(front, other.url)
        other_session = await make(front, other.url, types=["session.qr"], sessions=["office"])
        good.answer = status(500)
        session = await front.create()
        [delivery] = await good.until(1)
        await other.until(1)

    assert delivery.event["type"] == "session.qr"
    assert delivery.event["data"] == session
    assert delivery.event["data"]["qrCode"] is not None
    assert {one.event["type"] for one in other.got} == {"session.status"}
    assert session["qrCode"] not in str([one.body for one in other.got])
    for webhook in (named, unnamed, other_session):
        assert "session.qr" not in str(await deliveries(front, webhook["id"]))
    assert session["qrCode"] not in caplog.text
    assert len(good.got) == 1


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


async def test_no_log_has_a_secret(front: Front, good: Consumer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    good.answer = status(500)
    made = await make(front, good.url + "?token=s3cret", headers={"X-Key": "hidden"})
    await front.client.post(f"/webhooks/{made['id']}/test")
    rotated = await (await front.client.post(f"/webhooks/{made['id']}/rotate-secret")).json()

    for text in (made["secret"], rotated["secret"], "hidden", "s3cret"):
        assert text not in caplog.text
