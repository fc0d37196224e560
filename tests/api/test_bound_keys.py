"""Keys that are bound to sessions: to them, another session does not exist."""

import re
from typing import Any

import pytest

from server.api.route import Route
from server.api.routes import ROUTES
from server.auth.api_keys import Scope
from server.core.settings.model import Settings
from tests.api.conftest import Front, opened, supervisor_of
from tests.api.problem_documents import problem
from tests.support.time import TurnedTime

#: A bound key has never the scope `admin`.
WITH_ID = [route for route in ROUTES if "{id}" in route.path and route.scope not in (None, Scope.ADMIN)]

OF_THE_HOST = [route for route in ROUTES if "{id}" not in route.path and route.scope]


async def listed(front: Front, headers: dict[str, str], **query: Any) -> dict[str, Any]:
    response = await front.get("/sessions", headers=headers, params=query)
    assert response.status == 200, await response.text()
    return dict(await response.json())


@pytest.mark.parametrize("route", WITH_ID, ids=lambda route: f"{route.method} {route.path}")
async def test_to_a_bound_key_another_session_does_not_exist(front: Front, route: Route) -> None:
    await front.create("other")
    key = await front.key("bot", "sessions:read", "sessions:write", "messages:write", sessions=["shop"])
    documents = []
    for session_id in ("other", "nobody"):
        path = re.sub(r"{\w+}", "15557654321", route.path.replace("{id}", session_id))
        response = await front.client.request(route.method, path, headers=key, json={})
        document = await problem(response, 404, "session-not-found")
        assert document.pop("detail") == f"there is no session {session_id}"
        del document["instance"]
        documents.append(document)
    assert documents[0] == documents[1]
    assert (await front.row("other")).status == "qr_waiting"


@pytest.mark.parametrize("route", WITH_ID, ids=lambda route: f"{route.method} {route.path}")
async def test_a_head_of_another_session_tells_as_little(front: Front, route: Route) -> None:
    await front.create("other")
    key = await front.key("bot", "sessions:read", sessions=["shop"])
    if route.method == "GET":
        path = re.sub(r"{\w+}", "15557654321", route.path.replace("{id}", "other"))
        assert (await front.client.head(path, headers=key)).status == 404


async def test_a_bound_key_makes_reads_and_deletes_its_own_session(front: Front) -> None:
    key = await front.key("bot", "sessions:read", "sessions:write", sessions=["shop"])
    assert (await front.client.post("/sessions", json={"id": "shop"}, headers=key)).status == 201
    assert (await front.read("shop", headers=key))["status"] == "qr_waiting"
    assert (await front.client.delete("/sessions/shop", headers=key)).status == 204
    await problem(await front.get("/sessions/shop", headers=key), 404, "session-not-found")


@pytest.mark.parametrize("body", [{"id": "other"}, {"id": "taken"}, {}])
async def test_a_bound_key_makes_no_other_session(front: Front, body: dict[str, str]) -> None:
    await front.create("taken")
    key = await front.key("bot", "sessions:write", sessions=["shop"])
    await problem(await front.client.post("/sessions", json=body, headers=key), 403, "forbidden")
    assert list(front.supervisor.starts) == ["taken"]


async def test_the_pages_of_a_bound_key_hold_its_sessions_alone_and_are_full(front: Front) -> None:
    for session_id in ("a", "b", "c", "d", "e"):
        await front.create(session_id)
    key = await front.key("bot", "sessions:read", sessions=["e", "d", "b", "absent"])
    first = await listed(front, key, limit=2)
    assert [item["id"] for item in first["items"]] == ["b", "d"]
    second = await listed(front, key, limit=2, cursor=first["nextCursor"])
    assert [item["id"] for item in second["items"]] == ["e"]
    assert second["nextCursor"] is None


async def test_the_last_full_page_of_a_bound_key_has_no_next_one(front: Front) -> None:
    for session_id in ("a", "b", "c"):
        await front.create(session_id)
    key = await front.key("bot", "sessions:read", sessions=["a", "b"])
    assert (await listed(front, key, limit=2))["nextCursor"] is None
    assert (await listed(front, key, status="connected"))["items"] == []


async def test_a_bound_key_sees_the_processes_of_its_sessions_alone(front: Front) -> None:
    await front.create("shop")
    await front.create("other")
    key = await front.key("bot", "sessions:read", sessions=["shop"])
    document = await (await front.get("/connectors", headers=key)).json()
    assert [item["id"] for item in document["items"]] == ["shop"]
    one = await (await front.get("/sessions/shop/connector", headers=key)).json()
    assert document["items"] == [one]
    assert one["state"] == "running"
    assert one["pid"] is None  # It counts the processes of the host.


@pytest.mark.parametrize("route", OF_THE_HOST, ids=lambda route: f"{route.method} {route.path}")
async def test_what_concerns_the_whole_host_is_closed_to_a_bound_key_or_narrowed(
    front: Front, route: Route
) -> None:
    key = await front.key("bot", "sessions:read", "sessions:write", "messages:write", sessions=["shop"])
    if not route.filters_by_key:
        response = await front.client.request(route.method, route.path, headers=key)
        await problem(response, 403, "forbidden")


def test_every_path_with_a_session_calls_it_id() -> None:
    for route in ROUTES:
        if route.path.startswith("/sessions/"):
            assert route.path.startswith("/sessions/{id}"), route.path


async def test_a_bound_key_is_bound_at_the_second_front_too(settings: Settings, time: TurnedTime) -> None:
    programs = supervisor_of(settings, time)
    async with opened(settings, time, programs) as owner, opened(settings, time, programs) as follower:
        await owner.create("other")
        key = await owner.key("bot", "sessions:read", "sessions:write", sessions=["shop"])
        await problem(await follower.get("/sessions/other", headers=key), 404, "session-not-found")
        response = await follower.client.post("/sessions", json={"id": "other"}, headers=key)
        await problem(response, 403, "forbidden")
        assert (await listed(follower, key))["items"] == []
    await programs.close()
