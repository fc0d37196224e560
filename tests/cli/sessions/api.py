"""A stand-in for the API, and what it shows of sessions and their processes."""

from typing import Any

from aiohttp import web

CODE = "https://wa.me/settings/linked_devices#2@" + "x" * 200


def session(session_id: str = "shop", **other: Any) -> dict[str, Any]:
    return {
        "id": session_id,
        "name": None,
        "status": "qr_waiting",
        "statusReason": None,
        "qrCode": CODE,
        "qrExpiresAt": "2100-01-01T00:00:00.000Z",
        "phoneNumber": None,
        "pushName": None,
        "createdAt": "2026-01-01T00:00:00.000Z",
        "updatedAt": "2026-01-01T00:00:01.000Z",
        "connectedAt": None,
        "deviceName": "Motte",
        "proxy": None,
        **other,
    }


def process(session_id: str = "shop", **other: Any) -> dict[str, Any]:
    counted = {"restarts": 3, "recycled": 1, "uptime": 1.0, "memory": 104857600}
    return {
        "id": session_id,
        "state": "running",
        "pid": 7,
        **counted,
        "uptime": 1,
        "memory": 104857600,
        **other,
    }


class FakeApi:
    """An API that answers every session alike and remembers what it was asked."""

    def __init__(self) -> None:
        self.answer: dict[str, Any] = session()
        self.status = 200
        self.process: dict[str, Any] | None = process()
        #: Why a session of the list failed, by its id.
        self.reasons: dict[str, str] = {}
        self.is_empty = False
        self.asked: list[str] = []
        self.bodies: list[Any] = []

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_route("*", "/sessions", self._all)
        app.router.add_route("GET", "/connectors", self._processes)
        app.router.add_route("GET", "/sessions/{id}/connector", self._process)
        app.router.add_route("*", "/{path:.*}", self._one)
        return app

    async def _all(self, request: web.Request) -> web.Response:
        if request.method == "POST":
            return await self._one(request)
        self.asked.append(f"GET {request.rel_url}")
        if self.is_empty:
            return web.json_response({"items": [], "nextCursor": None})
        if "cursor" in request.query:
            return web.json_response({"items": [self._listed("second")], "nextCursor": None})
        return web.json_response({"items": [self._listed("first")], "nextCursor": "more"})

    def _listed(self, session_id: str) -> dict[str, Any]:
        code = self.reasons.get(session_id)
        return session(session_id, statusReason=code and {"code": code, "detail": "why"})

    async def _processes(self, request: web.Request) -> web.Response:
        """The second session was made since."""
        if self.process is None:
            return web.json_response({"code": "supervisor-unavailable"}, status=503)
        return web.json_response({"items": [{**self.process, "id": "first"}]})

    async def _process(self, request: web.Request) -> web.Response:
        if self.process is None:
            return web.json_response({"code": "supervisor-unavailable"}, status=503)
        return web.json_response(self.process)

    async def _one(self, request: web.Request) -> web.Response:
        self.asked.append(f"{request.method} {request.rel_url}")
        self.bodies.append(await request.json() if request.can_read_body else None)
        if request.method == "DELETE":
            return web.Response(status=204)
        return web.json_response(self.answer, status=self.status)
