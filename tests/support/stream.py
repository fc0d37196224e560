"""A client that follows a stream of events, as a browser does."""

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient

from tests.support.time import patience

#: Seconds until a test gives up.
WITHIN = 10


class Reader:
    """Reads one event after the other."""

    def __init__(self, response: ClientResponse) -> None:
        self.response = response
        #: What a browser would send back as Last-Event-ID.
        self.place: str | None = None
        #: Comments that were passed over.
        self.beats = 0
        #: Every event so far, as it came.
        self.envelopes: list[dict[str, Any]] = []

    async def next(self) -> tuple[str, Any]:
        """The next event with its document."""
        async with patience("the next event of a stream", within=WITHIN):
            while True:
                fields = await self._block()
                self.place = fields.get("id", self.place)
                if "data" in fields:
                    return fields["event"], self._unwrapped(fields)

    async def until(self, event: str, **wanted: Any) -> Any:
        """The document of the next event of this name that says this; those before it are passed over."""
        while True:
            name, document = await self.next()
            if name == event and wanted.items() <= document.items():
                return document

    async def placed(self) -> str:
        """Where the reader is, once it was told."""
        async with patience("the place of a stream", within=WITHIN):
            while self.place is None:
                fields = await self._block()
                self.place = fields.get("id")
        return self.place

    async def beaten(self) -> None:
        """Return with the next sign of life."""
        async with patience("a sign of life of a stream", within=WITHIN):
            before = self.beats
            while self.beats == before:
                await self._block()

    async def ended(self) -> bool:
        """Whether the stream ends, whatever comes before that."""
        try:
            async with asyncio.timeout(WITHIN):
                await self.response.content.read()
        except TimeoutError:
            return False
        return True

    def _unwrapped(self, fields: dict[str, str]) -> Any:
        """The data of an event, which is in an envelope, but for the pages of links."""
        document = json.loads(fields["data"])
        if "version" not in document:
            return document
        assert list(document) == ["id", "type", "timestamp", "sessionId", "cursor", "version", "data"]
        assert (document["type"], document["cursor"]) == (fields["event"], fields.get("id"))
        self.envelopes.append(document)
        return document["data"]

    async def _block(self) -> dict[str, str]:
        fields: dict[str, str] = {}
        while line := (await self._line()):
            name, _, value = line.partition(": ")
            fields[name] = value
            self.beats += line.startswith(":")
        return fields

    async def _line(self) -> str:
        line = await self.response.content.readline()
        if not line:
            raise EOFError
        return line.decode().rstrip("\n")


@asynccontextmanager
async def following(
    client: TestClient[Any, Any], path: str, *, headers: Mapping[str, str] | None = None
) -> AsyncGenerator[Reader]:
    """A reader of the stream at this address."""
    async with client.get(path, headers=headers) as response:
        assert response.status == 200, await response.text()
        assert response.content_type == "text/event-stream"
        yield Reader(response)
