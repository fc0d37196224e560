"""What a webhook may be."""

from dataclasses import replace
from typing import Any

import pytest

from server.core.settings.model import Settings
from tests.api.conftest import Front, opened
from tests.api.webhooks.calls import DAY, URL, make, refused
from tests.support.consumer import Consumer
from tests.support.time import TurnedTime


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
    ("body", "detail"),
    [
        ({"url": "https://exämple.com/"}, "/url must be an http:// or https:// URL in ASCII characters"),
        ({"url": URL, "types": []}, "/types must have at least 1 item"),
        ({"url": URL, "sessions": ["shop", "no such"]}, "/sessions/1 must be the id of a session"),
    ],
)
async def test_a_refusal_names_the_rule(front: Front, body: dict[str, Any], detail: str) -> None:
    _, _, got = await refused(front, "POST", "/webhooks", json=body)
    assert detail in got


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
