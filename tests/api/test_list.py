"""Lists of sessions, page by page."""

import pytest

from tests.api.conftest import Front


async def test_pages_follow_each_other_until_there_are_no_more(front: Front) -> None:
    for session_id in ("a", "b", "c"):
        await front.create(session_id)
    first = await (await front.get("/sessions?limit=2")).json()
    assert [item["id"] for item in first["items"]] == ["a", "b"]
    second = await (await front.get("/sessions", params={"limit": 2, "cursor": first["nextCursor"]})).json()
    assert [item["id"] for item in second["items"]] == ["c"]
    assert second["nextCursor"] is None


async def test_a_list_can_be_asked_for_one_status(front: Front) -> None:
    await front.create("a")
    await front.pair("b")
    listed = await (await front.get("/sessions?status=connected")).json()
    assert [item["id"] for item in listed["items"]] == ["b"]


@pytest.mark.parametrize("query", ["status=connected&status=stopped", "status=stopped,connected"])
async def test_a_list_can_be_asked_for_several_statuses(front: Front, query: str) -> None:
    for session_id in ("a", "b", "c"):
        await front.create(session_id)
    await front.scan("b")
    await front.ask("stop", "c")
    listed = await (await front.get(f"/sessions?{query}")).json()
    assert [item["id"] for item in listed["items"]] == ["b", "c"]
