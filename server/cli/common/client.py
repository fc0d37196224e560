"""HTTP to a running Motte, with errors in words."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import aiohttp
import click

#: Seconds; longer than the API lets anybody wait by default.
REQUEST_TIMEOUT_SECONDS = aiohttp.ClientTimeout(total=60, connect=5)


class Unreachable(click.ClickException):
    """Nobody answers at that address."""

    exit_code = 3


class Refused(click.ClickException):
    """The server answered, and said no."""

    def __init__(self, status: int, document: Any) -> None:
        problem = document if isinstance(document, dict) else {}
        #: Stable and for programs; of the sandbox's control port, its `error`.
        self.code = str(problem.get("code") or problem.get("error") or f"HTTP {status}")
        detail = problem.get("detail")
        super().__init__(f"{self.code}: {detail}" if detail else self.code)


class Version(NamedTuple):
    """A document as it was at one moment."""

    #: None: it is still the one that the caller has.
    document: Any
    #: Its ETag.
    tag: str


class Client:
    """One server that speaks JSON. Use it as a context manager."""

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
        """The answer's JSON; None where it is empty. Raises Refused, Unreachable."""
        _, document = await self._answered(method, path, body, headers)
        return document

    async def newer(self, path: str, *, than: str, wait: int) -> Version:
        """What is there once it is not the one with this ETag. wait: seconds. Raises Refused, Unreachable."""
        return await self._version(path, {"If-None-Match": than, "Prefer": f"wait={wait}"})

    async def version(self, path: str) -> Version:
        """What is there now. Raises Refused, Unreachable."""
        return await self._version(path, {})

    async def _version(self, path: str, headers: Mapping[str, str]) -> Version:
        answer, document = await self._answered("GET", path, None, headers)
        return Version(document, answer.headers.get("ETag", ""))

    async def _answered(
        self, method: str, path: str, body: Any, headers: Mapping[str, str] | None
    ) -> tuple[aiohttp.ClientResponse, Any]:
        try:
            async with self._http.request(method, self.url + path, json=body, headers=headers) as answer:
                document = await _json(answer)
        except (aiohttp.ClientError, TimeoutError) as error:
            why = "it took too long" if isinstance(error, TimeoutError) else "is it running?"
            raise Unreachable(f"nobody answers at {self.url}: {why}") from None
        if not answer.ok:
            raise Refused(answer.status, document)
        return answer, document


async def _json(answer: aiohttp.ClientResponse) -> Any:
    """What is no JSON becomes None: the status alone has to do then."""
    try:
        return await answer.json(content_type=None)
    except ValueError:
        return None
