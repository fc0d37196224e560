"""HTTP client of a running Motte, with readable errors."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import aiohttp
import click

#: Longer than any wait of the API with default settings.
REQUEST_TIMEOUT_SECONDS = aiohttp.ClientTimeout(total=60, connect=5)


class Unreachable(click.ClickException):
    """No server answers at that address."""

    exit_code = 3


class Refused(click.ClickException):
    """The server refused the request."""

    def __init__(self, status: int, document: Any) -> None:
        problem = document if isinstance(document, dict) else {}
        #: Stable error code of the API; of the sandbox's control port, its `error`.
        self.code = str(problem.get("code") or problem.get("error") or f"HTTP {status}")
        detail = problem.get("detail")
        super().__init__(f"{self.code}: {detail}" if detail else self.code)


class Version(NamedTuple):
    """A document at one moment."""

    #: None if it has not changed.
    document: Any
    #: Its ETag.
    tag: str


class Client:
    """Client of one JSON server. Use it as a context manager."""

    def __init__(self, url: str, *, key: str | None = None) -> None:
        self.url = url
        self._http = aiohttp.ClientSession(
            timeout=REQUEST_TIMEOUT_SECONDS, headers={} if key is None else {"Authorization": f"Bearer {key}"}
        )

    async def __aenter__(self) -> "Client":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.close()

    async def ask(
        self, method: str, path: str, body: Any = None, *, headers: Mapping[str, str] | None = None
    ) -> Any:
        """Sends a request and returns the JSON of the response, or None. Raises Refused, Unreachable."""
        _, document = await self._request(method, path, body, headers)
        return document

    async def newer(self, path: str, *, than: str, wait: int) -> Version:
        """Waits for a document with another ETag. wait: seconds. Raises Refused, Unreachable."""
        return await self._version(path, {"If-None-Match": than, "Prefer": f"wait={wait}"})

    async def version(self, path: str) -> Version:
        """Returns the current document. Raises Refused, Unreachable."""
        return await self._version(path, {})

    async def _version(self, path: str, headers: Mapping[str, str]) -> Version:
        response, document = await self._request("GET", path, None, headers)
        return Version(document, response.headers.get("ETag", ""))

    async def _request(
        self, method: str, path: str, body: Any, headers: Mapping[str, str] | None
    ) -> tuple[aiohttp.ClientResponse, Any]:
        try:
            async with self._http.request(method, self.url + path, json=body, headers=headers) as response:
                document = await _json(response)
        except (aiohttp.ClientError, TimeoutError) as error:
            why = "it took too long" if isinstance(error, TimeoutError) else "is it running?"
            raise Unreachable(f"nobody answers at {self.url}: {why}") from None
        if not response.ok:
            raise Refused(response.status, document)
        return response, document


async def _json(response: aiohttp.ClientResponse) -> Any:
    """Returns None if the body is not JSON. The error then shows only the status."""
    try:
        return await response.json(content_type=None)
    except ValueError:
        return None
