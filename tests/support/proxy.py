"""A proxy on loopback that leads every name to one place: HTTP (CONNECT and plain requests) or SOCKS5."""

import asyncio
import base64
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from ipaddress import ip_address
from types import TracebackType
from typing import Self

#: Address types of SOCKS5 (RFC 1928).
IPV4, NAME, IPV6 = 1, 3, 4


class FakeProxy:
    """Use it as a context manager."""

    def __init__(
        self,
        scheme: str,
        *,
        to: tuple[str, int],
        credentials: tuple[str, str] | None = None,
        says: bytes = b"",
    ) -> None:
        """to: where every target really is. says: sent instead of an answer, after which it closes."""
        self._scheme = scheme
        self._to = to
        self._credentials = credentials
        self._says = says
        #: What it was asked for, `host:port`, as the client said it.
        self.asked: list[str] = []
        #: Whether it takes connections and answers nothing.
        self.hangs = False
        self.port = 0
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        credentials = f"{':'.join(self._credentials)}@" if self._credentials else ""
        return f"{self._scheme}://{credentials}{self.address}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        self.cut()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def carries(self, count: int) -> None:
        """Return once it was asked for so many connections."""
        while len(self.asked) < count:  # noqa: ASYNC110 - it is asked by another process
            await asyncio.sleep(0.02)

    def cut(self) -> None:
        """End every connection through it."""
        for task in self._tasks:
            task.cancel()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._tasks.add(task)
        try:
            if self.hangs:
                await asyncio.Event().wait()
            if self._says:
                writer.write(self._says)
                await writer.drain()
                return
            await (self._socks(reader, writer) if self._scheme == "socks5" else self._http(reader, writer))
        except (asyncio.IncompleteReadError, asyncio.CancelledError, OSError):
            pass
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _http(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        method, target, _ = head.partition("\r\n")[0].split()
        if not self._is_let_in(head):
            writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
            await writer.drain()
            return
        self.asked.append(target if method == "CONNECT" else target.partition("://")[2].partition("/")[0])
        async with self._target() as (far_reader, far_writer):
            if method == "CONNECT":
                writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            else:
                far_writer.write(head.encode())
            await _relay((reader, writer), (far_reader, far_writer))

    def _is_let_in(self, head: str) -> bool:
        if self._credentials is None:
            return True
        wanted = base64.b64encode(":".join(self._credentials).encode()).decode()
        return f"proxy-authorization: basic {wanted}".lower() in head.lower()

    async def _socks(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        _, count = await reader.readexactly(2)
        methods = await reader.readexactly(count)
        wanted = 2 if self._credentials else 0
        writer.write(bytes([5, wanted if wanted in methods else 0xFF]))
        if wanted not in methods or (self._credentials and not await self._logged_in(reader, writer)):
            await writer.drain()
            return
        _, _, _, kind = await reader.readexactly(4)
        if kind == NAME:
            host = (await reader.readexactly((await reader.readexactly(1))[0])).decode()
        else:
            host = str(ip_address(await reader.readexactly(4 if kind == IPV4 else 16)))
        port = int.from_bytes(await reader.readexactly(2))
        self.asked.append(f"{host}:{port}")
        async with self._target() as far:
            writer.write(bytes([5, 0, 0, IPV4, 0, 0, 0, 0, 0, 0]))
            await _relay((reader, writer), far)

    async def _logged_in(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        _, length = await reader.readexactly(2)
        user = (await reader.readexactly(length)).decode()
        password = (await reader.readexactly((await reader.readexactly(1))[0])).decode()
        is_right = (user, password) == self._credentials
        writer.write(bytes([1, 0 if is_right else 1]))
        return is_right

    @asynccontextmanager
    async def _target(self) -> AsyncGenerator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        reader, writer = await asyncio.open_connection(*self._to)
        try:
            yield reader, writer
        finally:
            writer.close()


async def _relay(
    near: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    far: tuple[asyncio.StreamReader, asyncio.StreamWriter],
) -> None:
    """Until one side has ended."""
    ways = [asyncio.create_task(_pump(near[0], far[1])), asyncio.create_task(_pump(far[0], near[1]))]
    try:
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while part := await reader.read(65_536):
            writer.write(part)
            await writer.drain()
