"""A session's own proxy: who may set it, who sees what of it, and what follows."""

import logging
import sqlite3
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import ClientResponse

from server.core.host_proxy import host_proxy
from server.core.settings.model import Settings
from store.records.reason import Reason
from tests.api.conftest import Front, opened
from tests.api.second_front import another
from tests.api.test_update import link_of
from tests.support.stream import following
from tests.support.time import TurnedTime

SHOP = "/sessions/shop"
PROXY = "socks5://ann:s3cr3t@10.0.0.1:1080"
SHOWN = "socks5://10.0.0.1:1080"


async def patch(front: Front, proxy: object, **options: Any) -> ClientResponse:
    return await front.client.patch(SHOP, json={"proxy": proxy}, **options)


async def test_a_session_shows_its_proxy_without_user_and_password(front: Front) -> None:
    response = await front.client.post("/sessions", json={"id": "shop", "proxy": PROXY})
    assert (response.status, (await response.json())["proxy"]) == (201, SHOWN)
    for path in (SHOP, "/sessions", "/sessions/shop?refresh=false"):
        text = await (await front.get(path)).text()
        assert SHOWN in text
        assert "s3cr3t" not in text
        assert "ann" not in text
    assert link_of(front)["proxy"] == PROXY


async def test_a_patch_sets_it_and_null_removes_it(front: Front) -> None:
    created = await front.create()
    assert created["proxy"] is None
    assert (await (await patch(front, PROXY)).json())["proxy"] == SHOWN
    assert (await front.row()).proxy == PROXY
    assert (await (await patch(front, None)).json())["proxy"] is None
    assert (await front.row()).proxy is None


async def test_another_proxy_takes_the_code_away_at_once(front: Front) -> None:
    created = await front.create()
    session = await (await patch(front, PROXY)).json()
    assert (session["status"], session["qrCode"]) == ("qr_waiting", None)
    fresh = await front.read()
    assert fresh["qrCode"] not in (None, created["qrCode"])
    assert link_of(front)["proxy"] == PROXY


async def test_the_same_proxy_again_changes_nothing(front: Front) -> None:
    await front.create()
    await patch(front, PROXY)
    before = await front.read()
    await patch(front, "socks5h://ann:s3cr3t@10.0.0.1:1080/")
    assert await front.read() == before


async def test_a_key_without_admin_may_not_set_it_and_is_told_why(front: Front) -> None:
    created = await front.create()
    headers = await front.key("writer", "sessions:write")
    for proxy in (PROXY, None):
        response = await patch(front, proxy, headers=headers)
        problem = await response.json()
        assert (response.status, problem["code"]) == (403, "forbidden")
        assert "lacks the scope admin, which a proxy needs" in problem["detail"]
    body = {"id": "other", "proxy": PROXY}
    response = await front.client.post("/sessions", json=body, headers=headers)
    assert response.status == 403
    assert await front.read() == created
    assert (await front.get("/sessions/other")).status == 404


async def test_a_key_without_admin_may_change_the_rest_and_create_without_one(front: Front) -> None:
    headers = await front.key("writer", "sessions:write")
    body = {"id": "shop", "proxy": None}
    assert (await front.client.post("/sessions", json=body, headers=headers)).status == 201
    response = await front.client.patch(SHOP, json={"name": "The shop"}, headers=headers)
    assert (response.status, (await response.json())["name"]) == (200, "The shop")


@pytest.mark.parametrize(
    "proxy",
    ["", "proxy", "ftp://s3cr3t:1", "http://ann:s3cr3t@10.0.0.1", "http://s3cr3t:1/path", "x" * 1001, 7],
)
async def test_what_is_no_proxy_is_refused_with_the_rule_and_not_repeated(
    front: Front, proxy: object
) -> None:
    await front.create()
    response = await patch(front, proxy)
    problem = await response.json()
    assert (response.status, problem["code"]) == (400, "validation-failed")
    assert problem["errors"][0]["pointer"] == "/proxy"
    assert "s3cr3t" not in str(problem)


async def test_streams_tell_of_it_without_the_password(front: Front) -> None:
    await front.create()
    async with following(front.client, "/events") as reader:
        await reader.placed()
        await patch(front, PROXY)
        kind, session = await reader.next()
        assert (kind, session["proxy"]) == ("session.status", SHOWN)
        assert "s3cr3t" not in str(session)


async def test_a_tag_tells_nothing_of_the_password(front: Front) -> None:
    await front.create()
    await front.ask("stop")
    tags = [
        (await patch(front, proxy)).headers["ETag"]
        for proxy in (None, PROXY, PROXY.replace("s3cr3t", "other"))
    ]
    assert tags[0] != tags[1] == tags[2]


async def test_nothing_is_logged_of_it(front: Front, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    await front.client.post("/sessions", json={"id": "shop", "proxy": PROXY})
    async with another(front) as second:
        assert (await second.client.patch(SHOP, json={"proxy": f"{PROXY}0"})).status == 200
    assert "updated" in caplog.text
    assert "s3cr3t" not in caplog.text
    assert "s3cr3t" not in repr(await front.row())


async def test_a_second_front_has_the_first_one_set_it_and_leaves_no_request_behind(front: Front) -> None:
    await front.create()
    async with another(front) as second:
        response = await second.client.patch(SHOP, json={"proxy": PROXY})
        assert (response.status, (await response.json())["proxy"]) == (200, SHOWN)
        body = {"id": "other", "proxy": PROXY}
        assert (await second.client.post("/sessions", json=body)).status == 201
    with sqlite3.connect(front.folder.database) as database:
        assert database.execute("SELECT count(*) FROM queued_requests").fetchone() == (0,)


async def test_a_proxy_that_fails_is_an_error_of_its_own(front: Front) -> None:
    front.whatsapp.refusal = Reason(
        "proxy-failed", "the proxy does not lead to WhatsApp: http://10.0.0.1:1: …"
    )
    response = await front.client.post("/sessions", json={"id": "shop"})
    problem = await response.json()
    assert (response.status, problem["code"], response.headers["Retry-After"]) == (502, "proxy-failed", "5")
    assert problem["session"]["status"] == "starting"


@pytest.mark.parametrize(
    ("setting", "environ", "own", "taken"),
    [
        (None, {"HTTPS_PROXY": "http://env:1"}, None, None),
        ("http://all:1", {}, None, "http://all:1"),
        ("http://all:1", {}, PROXY, PROXY),
        (None, {}, PROXY, PROXY),
        ("environment", {"HTTPS_PROXY": "http://env:1"}, None, "http://env:1"),
        ("environment", {"HTTPS_PROXY": "http://env:1", "NO_PROXY": "whatsapp.com"}, None, None),
    ],
)
async def test_a_session_takes_its_own_proxy_before_that_of_the_host(
    settings: Settings,
    time: TurnedTime,
    setting: str | None,
    environ: dict[str, str],
    own: str | None,
    taken: str | None,
) -> None:
    async with opened(replace(settings, proxy=host_proxy(setting, environ)), time) as front:
        session = await (await front.client.post("/sessions", json={"id": "shop", "proxy": own})).json()
        assert link_of(front)["proxy"] == taken
        assert session["proxy"] == (SHOWN if own else None)
