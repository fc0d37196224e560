"""Pages of messages, and their cursors."""

import pytest

from tests.api.conftest import READ_KEY, Front
from tests.api.received import acknowledged, connected, cursor, page, texts


async def test_who_polls_with_the_last_cursor_sees_each_message_once(front: Front) -> None:
    connector = await connected(front)
    seen, cursor = [], (await page(front))["nextCursor"]
    for n in range(5):
        connector.receive(f"a{n}")
        connector.receive(f"b{n}")
        await acknowledged(connector)
        found = await page(front, after=cursor, limit=3)
        seen += [item["text"] for item in found["items"]]
        cursor = found["nextCursor"]
    assert seen == [f"{letter}{n}" for n in range(5) for letter in "ab"]
    assert await page(front, after=cursor) == {"items": [], "nextCursor": cursor}


async def test_the_newest_come_first_and_a_page_that_follows_goes_back(front: Front) -> None:
    connector = await connected(front)
    for n in range(5):
        connector.receive(f"a{n}")
    await acknowledged(connector)
    first = await page(front, order="newest", limit=2)
    connector.receive("later")
    await acknowledged(connector)
    second = await page(front, order="newest", limit=2, after=first["nextCursor"])
    third = await page(front, order="newest", limit=2, after=second["nextCursor"])
    found = [[item["text"] for item in part["items"]] for part in (first, second, third)]
    assert found == [["a4", "a3"], ["a2", "a1"], ["a0"]]
    end = third["nextCursor"]
    assert await page(front, order="newest", after=end) == {"items": [], "nextCursor": end}
    assert await texts(front, after=end) == ["a1", "a2", "a3", "a4", "later"], (
        "a cursor counts in both orders"
    )
    assert await texts(front, order="newest", limit=1) == ["later"]


async def test_the_newest_of_one_chat_and_of_a_session_that_was_made_again(front: Front) -> None:
    connector = await connected(front)
    connector.receive("one", chat="15550000001@s.whatsapp.net", chat_lid=None)
    connector.receive("two", chat="15550000002@s.whatsapp.net", chat_lid=None)
    await acknowledged(connector)
    assert await texts(front, order="newest", chat="15550000001") == ["one"]
    of_the_first = (await page(front, order="newest", limit=1))["nextCursor"]
    assert (await front.client.delete("/sessions/shop")).status == 204
    front.time.advance(1)
    connector = await connected(front)
    for n in range(3):
        connector.receive(f"b{n}")
    await acknowledged(connector)
    assert await texts(front, order="newest", after=of_the_first) == ["b2", "b1", "b0"]


async def test_an_empty_page_of_the_newest_gives_a_cursor_that_misses_nothing(front: Front) -> None:
    connector = await connected(front)
    empty = await page(front, order="newest")
    assert empty["items"] == []
    connector.receive("first")
    await acknowledged(connector)
    assert await texts(front, order="newest", after=empty["nextCursor"]) == ["first"]


async def test_messages_of_a_session_without_any_are_an_empty_page(front: Front) -> None:
    await front.create()
    found = await page(front)
    assert found["items"] == []
    assert await page(front, after=found["nextCursor"]) == found


async def test_a_read_of_messages_wakes_no_connector(front: Front) -> None:
    await front.create()
    front.time.advance(161)
    await front.asleep()
    await page(front)
    assert front.whatsapp.registrations == 1


async def test_an_unknown_session_is_404(front: Front) -> None:
    response = await front.get("/sessions/nobody/messages")
    assert (response.status, (await response.json())["code"]) == (404, "session-not-found")


@pytest.mark.parametrize(
    "cursor", ["", "!", "WyJhIl0", "Wy0xXQ", "WzFlOTld", "e30", "W10", "WzEsMiwzXQ", "\x00"]
)
async def test_a_cursor_that_no_page_gave_is_400(front: Front, cursor: str) -> None:
    await front.create()
    response = await front.get("/sessions/shop/messages", params={"after": cursor})
    assert (response.status, (await response.json())["code"]) == (400, "bad-cursor")


@pytest.mark.parametrize(
    "params", [{"limit": "0"}, {"limit": "201"}, {"limit": "many"}, {"cursor": "WzFd"}, {"order": "last"}]
)
async def test_a_query_that_breaks_a_rule_is_400(front: Front, params: dict[str, str]) -> None:
    await front.create()
    response = await front.get("/sessions/shop/messages", params=params)
    assert (response.status, (await response.json())["code"]) == (400, "validation-failed")


async def test_a_key_that_may_look_at_sessions_may_read_their_messages(front: Front) -> None:
    await front.create()
    async with front.stranger() as stranger:
        url = "/sessions/shop/messages"
        assert (await stranger.get(url)).status == 401
        assert (await stranger.get(url, headers={"Authorization": f"Bearer {READ_KEY}"})).status == 200


async def test_a_cursor_says_nothing_of_the_messages_of_other_sessions(front: Front) -> None:
    await connected(front)
    await front.create("cafe")
    other = front.connector("cafe")
    other.scan()
    other.restart()
    await front.until("connected", "cafe")
    for n in range(3):
        front.connector("cafe").receive(f"for others {n}")
    await acknowledged(front.connector("cafe"))
    front.connector().receive("for us")
    await acknowledged(front.connector())
    created_at = (await front.row()).created_at
    assert (await page(front))["nextCursor"] == cursor(1, created_at)


async def test_a_cursor_of_a_deleted_session_misses_nothing_of_one_with_the_same_id(front: Front) -> None:
    for text in ("before", "after"):
        connector = await connected(front)
        connector.receive(text)
        await acknowledged(connector)
        if text == "before":
            old = (await page(front))["nextCursor"]
            await front.client.delete("/sessions/shop")
            front.time.advance(1)
    assert await texts(front, after=old) == ["after"]


async def test_a_cursor_of_an_earlier_version_is_read_on_from(front: Front) -> None:
    connector = await connected(front)
    for text in ("one", "two"):
        connector.receive(text)
    await acknowledged(connector)
    assert await texts(front, after=cursor(1)) == ["two"]
    assert (await page(front, after=cursor(2)))["items"] == []
