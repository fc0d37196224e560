"""HTTP to a running Motte, with errors in words."""

from typing import Any

import aiohttp
import click

#: Seconds; longer than the API lets anybody wait by default.
PATIENCE = aiohttp.ClientTimeout(total=60, connect=5)


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


class Client:
    """One server that speaks JSON. Use it as a context manager."""

    def __init__(self, url: str, *, key: str | None = None) -> None:
        self.url = url
        self._http = aiohttp.ClientSession(
            timeout=PATIENCE, headers={} if key is None else {"Authorization": f"Bearer {key}"}
        )

    async def __aenter__(self) -> "Client":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.close()

    async def ask(self, method: str, path: str, body: Any = None) -> Any:
        """The answer's JSON; None where it is empty. Raises Refused, Unreachable."""
        try:
            async with self._http.request(method, self.url + path, json=body) as answer:
                document = await _json(answer)
        except (aiohttp.ClientError, TimeoutError) as error:
            why = "it took too long" if isinstance(error, TimeoutError) else "is it running?"
            raise Unreachable(f"nobody answers at {self.url}: {why}") from None
        if not answer.ok:
            raise Refused(answer.status, document)
        return document


async def _json(answer: aiohttp.ClientResponse) -> Any:
    """What is no JSON becomes None: the status alone has to do then."""
    try:
        return await answer.json(content_type=None)
    except ValueError:
        return None
