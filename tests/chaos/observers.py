"""Reads what phones, linked devices, the record and the event log hold, as parts of a history."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec

from tests.histories.history import Heard, Recorded, Shown
from tests.support.motte import Motte
from tests.support.phones import Phones

#: Events of a page.
PAGE = "200"


class EventPage(NamedTuple):
    """Some events of the log, byte by byte, and the cursor behind them."""

    events: list[bytes]
    next_cursor: str | None


class _Page(msgspec.Struct, rename="camel"):
    items: list[msgspec.Raw]
    next_cursor: str | None


def name_of(address: str) -> str:
    """A chat as callers named it: digits, or the id of a group."""
    user, _, server = address.partition("@")
    return address if server == "g.us" else user


async def shown_by_phone(phones: Phones, number: str, *, account: str) -> list[Shown]:
    """What a phone shows of the texts that an account sent."""
    inbox = (await phones.phone(number))["inbox"]
    return [
        Shown(_chat(one["chat"], account, number), one["id"], one["text"], one["copies"])
        for one in inbox
        if one["from"] == account and one["kind"] == "text"
    ]


def shown_by_session(messages: Sequence[dict[str, Any]], *, account: str, number: str) -> list[Shown]:
    """What a session that is linked to `number` got of the texts that an account sent.

    messages: all that the session lists.
    """
    return [
        Shown(_chat(name_of(one["chat"]), account, number), one["id"], one["text"])
        for one in messages
        if one["kind"] == "text" and one["sender"] == f"{account}@s.whatsapp.net"
    ]


def recorded(messages: Sequence[dict[str, Any]], session_id: str, *, via: str | None) -> list[Recorded]:
    """The texts of a session's list that came by one way: `api` or `phone`, or None if others wrote them."""
    return [
        Recorded(
            message["id"],
            session_id,
            name_of(message["chat"]),
            message["text"],
            message["status"],
            (message["statusReason"] or {}).get("code"),
            message["attempts"],
            message["sender"],
        )
        for message in messages
        if message["kind"] == "text" and message["via"] == via
    ]


def heard(body: bytes, session_id: str | None = None) -> Heard:
    """An event as a consumer gets it. Texts are those that others wrote to one session; None: to any."""
    event = msgspec.json.decode(body)
    data = event["data"]
    is_message = event["type"].startswith("message.")
    is_inbound = event["type"] == "message.received" and session_id in (None, event["sessionId"])
    return Heard(
        event["id"],
        event["sessionId"],
        event["type"],
        body,
        message=data["id"] if is_message else None,
        text=data["text"] if is_inbound and not data["fromMe"] else None,
        status=data["status"] if event["type"] == "message.status" else None,
    )


async def page_of_events(motte: Motte, after: str | None) -> EventPage:
    """The next events behind a cursor, or the oldest. Raises aiohttp.ClientError if no front is there."""
    params = {"limit": PAGE} | ({"after": after} if after else {})
    headers = {"Accept": "application/json"}
    status, body = await motte.raw("GET", "/events", params=params, headers=headers)
    assert status == 200, body
    page = msgspec.json.decode(body, type=_Page)
    return EventPage([bytes(event) for event in page.items], page.next_cursor)


async def log_of(motte: Motte) -> list[bytes]:
    """The whole event log, from its beginning."""
    page = await page_of_events(motte, None)
    events = list(page.events)
    while page.events:
        page = await page_of_events(motte, page.next_cursor)
        events += page.events
    return events


def _chat(chat: str, account: str, viewer: str) -> str:
    """The chat with an account is, for the account, the chat with the viewer."""
    return viewer if chat == account else chat
