"""Problem documents, and the front that a refusal leaves as it was."""

from typing import Any

from aiohttp import ClientResponse

from tests.api.conftest import Front


async def problem(response: ClientResponse, status: int, code: str) -> dict[str, Any]:
    document = await response.json()
    assert (response.status, document["code"]) == (status, code), document
    assert response.content_type == "application/problem+json"
    assert document["status"] == status
    assert document["type"] == f"/problems/{code}"
    assert document["instance"].startswith("urn:uuid:")
    return dict(document)


async def left_nothing(front: Front) -> bool:
    listed = await (await front.get("/sessions")).json()
    folders = list(front.folder.sessions.iterdir()) if front.folder.sessions.exists() else []
    return listed["items"] == [] and folders == [] and front.supervisor.starts == {}
