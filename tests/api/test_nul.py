"""No text with a NUL character is stored: PostgreSQL takes none."""

import sqlite3
from base64 import urlsafe_b64encode
from typing import Any

import pytest

from store.sqlite.store import SqliteStore
from tests.api.conftest import Front
from tests.api.received import acknowledged, connected, page


def _texts(connection: sqlite3.Connection) -> list[str]:
    tables = [name for [name] in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    rows = [row for table in tables for row in connection.execute(f"SELECT * FROM {table}")]  # noqa: S608
    return [value for row in rows for value in row if isinstance(value, str)]


async def stored(front: Front) -> list[str]:
    """Every text in the database."""
    store = front.whole.store
    assert isinstance(store, SqliteStore)
    return await store.database.read(_texts)


async def test_a_message_is_stored_and_shown_without_them(front: Front) -> None:
    connector = await connected(front)
    connector.receive("a\0b\0", push_name="\0Bo")
    await acknowledged(connector)
    [item] = (await page(front))["items"]
    assert (item["text"], item["pushName"]) == ("ab", "Bo")
    assert not any("\0" in text for text in await stored(front))


@pytest.mark.parametrize(
    "body", [{"id": "a\0"}, {"name": "a\0"}, {"deviceName": "a\0"}, {"proxy": "http://a\0:1"}]
)
async def test_a_create_with_one_is_refused(front: Front, body: dict[str, Any]) -> None:
    response = await front.client.post("/sessions", json=body)
    assert (response.status, (await response.json())["code"]) == (400, "validation-failed")
    assert not any("\0" in text for text in await stored(front))


@pytest.mark.parametrize(("method", "path"), [("GET", ""), ("DELETE", ""), ("POST", "/stop"), ("GET", "/qr")])
async def test_there_is_no_session_with_one_in_its_id(front: Front, method: str, path: str) -> None:
    response = await front.client.request(method, f"/sessions/a%00b{path}")
    assert (response.status, (await response.json())["code"]) == (404, "session-not-found")


@pytest.mark.parametrize("session_id", ["a%00b", "a" * 65, "-a"])
@pytest.mark.parametrize(("method", "path"), [("PATCH", ""), ("POST", "/restart"), ("POST", "/pairing-code")])
async def test_a_body_is_checked_before_an_id_that_no_session_can_have(
    front: Front, session_id: str, method: str, path: str
) -> None:
    response = await front.client.request(method, f"/sessions/{session_id}{path}", data="[]")
    assert (response.status, (await response.json())["code"]) == (400, "validation-failed")


@pytest.mark.parametrize("path", ["/messages?limit=0", "?refresh=maybe"])
async def test_a_query_is_checked_before_an_id_that_no_session_can_have(front: Front, path: str) -> None:
    response = await front.client.get(f"/sessions/-a{path}")
    assert (response.status, (await response.json())["code"]) == (400, "validation-failed")


async def test_a_cursor_with_one_names_the_same_position_as_without(front: Front) -> None:
    await front.create()
    cursor = urlsafe_b64encode(rb'[0,"a\u0000"]').decode().rstrip("=")
    response = await front.get("/sessions", params={"cursor": cursor})
    assert [item["id"] for item in (await response.json())["items"]] == ["shop"]
