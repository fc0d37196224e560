"""Somebody who has a link, and no key."""

from typing import Any

from tests.api.conftest import Front
from tests.support.stream import Reader


async def link(front: Front, session_id: str = "shop", **body: Any) -> str:
    """The path of a new link."""
    response = await front.client.post(f"/sessions/{session_id}/scan-link", json=body)
    assert response.status == 201, await response.text()
    url: str = (await response.json())["url"]
    assert url.startswith(str(front.client.make_url("/scan/")))
    return url.removeprefix(str(front.client.make_url("/")).rstrip("/"))


async def view(reader: Reader) -> dict[str, Any]:
    """What the page is told next, heartbeats aside."""
    while True:
        event, document = await reader.next()
        if event == "view":
            return dict(document)
        assert event == "heartbeat"
