"""HTTP client of a running Motte, with readable errors."""

import json
from collections.abc import AsyncGenerator, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import Any, NamedTuple

import aiohttp
import click
from aiohttp.http_exceptions import LineTooLong

from server.cli.common.event_stream import EVENT_STREAM, Event, read_events
from server.cli.common.output import printable

#: Time of silence after which a stream counts as lost. Motte sends a line every 15 seconds.
STREAM_TIMEOUT = aiohttp.ClientTimeout(total=None, connect=5, sock_read=45)

#: Longer than any wait of the API with default settings.
REQUEST_TIMEOUT_SECONDS = aiohttp.ClientTimeout(total=60, connect=5)


#: Of one response. A list of 200 sessions has a tenth of it.
MAX_RESPONSE_BYTES = 16 << 20

#: HTTP statuses.
OK = 200
REDIRECTS = (301, 302, 303, 307, 308)
GATEWAY_ERRORS = (502, 503, 504)
#: The key is wrong, or may not do this.
KEY_ERRORS = (401, 403)


class Unreachable(click.ClickException):
    """No server answers at that address."""

    exit_code = 3


class NotMotte(click.ClickException):
    """Another program answers at that address."""


class ApiKey(NamedTuple):
    """An API key."""

    text: str
    #: Where it was found, for people: a variable, or a file.
    origin: str


class Refused(click.ClickException):
    """The server refused the request."""

    def __init__(self, status: int, document: Any, *, key: ApiKey | None = None) -> None:
        """key: that of the request."""
        problem = document if isinstance(document, dict) else {}
        #: Stable error code of the API; of the sandbox's control port, its `error`.
        self.code = str(problem.get("code") or problem.get("error") or f"HTTP {status}")
        #: Whether the same request may succeed later. A proxy in front of a Motte that is gone says no more.
        self.is_retryable = bool(problem.get("retryable", status in GATEWAY_ERRORS))
        detail = problem.get("detail")
        words = f"{self.code}: {detail}" if detail else self.code
        if key is not None and status in KEY_ERRORS:
            words = f"{words} (the key is from {key.origin})"
        super().__init__(printable(words))


class Version(NamedTuple):
    """A document at one moment."""

    #: None if it has not changed.
    document: Any
    #: Its ETag.
    tag: str


class Client:
    """Client of one JSON server. Use it as a context manager."""

    def __init__(self, url: str, *, key: ApiKey | None = None, mark: str | None = None) -> None:
        """mark: a header that each response of the right server has; None: its address is enough."""
        self.url = url
        self._key = key
        self._mark = mark
        headers = {} if key is None else {"Authorization": f"Bearer {key.text}"}
        self._http = aiohttp.ClientSession(timeout=REQUEST_TIMEOUT_SECONDS, headers=headers)

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

    async def events(self, path: str) -> AsyncGenerator[Event]:
        """Yields server-sent events until the stream ends. Raises Refused, Unreachable."""
        async with self._stream(path) as lines:
            async for event in read_events(lines):
                yield event

    async def newest_cursor(self, path: str) -> str:
        """Returns the cursor with which a stream begins: of the newest event. Raises Refused, Unreachable."""
        async with self._stream(path) as lines:
            async for line in lines:
                name, _, value = line.decode(errors="replace").rstrip("\r\n").partition(": ")
                if name == "id":
                    return value
        raise Unreachable(f"{self.url} ended the stream of events")

    @asynccontextmanager
    async def _stream(self, path: str) -> AsyncGenerator[aiohttp.StreamReader]:
        with self._readable_errors():
            async with self._http.get(
                self.url + path, timeout=STREAM_TIMEOUT, allow_redirects=False
            ) as response:
                self._check_redirect(response)
                if not response.ok:
                    raise Refused(response.status, await _json(response), key=self._key)
                if response.content_type != EVENT_STREAM or not self._is_marked(response):
                    raise NotMotte(f"{self.url} is not the API of a Motte: its answer is no stream of events")
                yield response.content

    async def _version(self, path: str, headers: Mapping[str, str]) -> Version:
        response, document = await self._request("GET", path, None, headers)
        return Version(document, response.headers.get("ETag", ""))

    async def _request(
        self, method: str, path: str, body: Any, headers: Mapping[str, str] | None
    ) -> tuple[aiohttp.ClientResponse, Any]:
        with self._readable_errors():
            async with self._http.request(
                method, self.url + path, json=body, headers=headers, allow_redirects=False
            ) as response:
                self._check_redirect(response)
                document = await _json(response)
        if not response.ok:
            raise Refused(response.status, document, key=self._key)
        if document is None and response.status == OK:
            raise NotMotte(f"{self.url} is not the API of a Motte: its answer is not JSON")
        if not self._is_marked(response):
            raise NotMotte(f"{self.url} is not the API of a Motte: its answer has no {self._mark}")
        return response, document

    def _is_marked(self, response: aiohttp.ClientResponse) -> bool:
        return self._mark is None or self._mark in response.headers

    @contextmanager
    def _readable_errors(self) -> Generator[None]:
        """Raises Unreachable instead of the errors of aiohttp."""
        try:
            yield
        except (aiohttp.ClientConnectorCertificateError, aiohttp.ClientConnectorSSLError) as error:
            reason = getattr(error, "certificate_error", error)
            why = getattr(reason, "verify_message", None) or "there is no TLS"
            raise Unreachable(f"the connection to {self.url} is not secure: {why}") from None
        except (ValueError, LineTooLong):
            raise NotMotte(f"{self.url} is not the API of a Motte: an event is longer or not JSON") from None
        except (aiohttp.ClientError, TimeoutError) as error:
            why = "it took too long" if isinstance(error, TimeoutError) else "is it running?"
            raise Unreachable(f"nobody answers at {self.url}: {why}") from None

    def _check_redirect(self, response: aiohttp.ClientResponse) -> None:
        """The key would go to the other address, too. Raises NotMotte."""
        if "Location" in response.headers and response.status in REDIRECTS:
            other = printable(response.headers["Location"])
            raise NotMotte(f"{self.url} redirects to {other}, and no redirect is followed: is the URL right?")


async def _json(response: aiohttp.ClientResponse) -> Any:
    """Returns None if the body is not JSON. The error then shows only the status. Raises NotMotte."""
    body = bytearray()
    async for part in response.content.iter_any():
        body += part
        if len(body) > MAX_RESPONSE_BYTES:
            raise NotMotte(f"an answer of {response.url.origin()} is larger than any of a Motte")
    try:
        return json.loads(body) if body.strip() else None
    except ValueError:
        return None
