"""A name server that knows no name and remembers what it was asked, for a `motte serve` of its own."""

import asyncio
import os
import tempfile
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import cast

from tests.deploy.namespaces import UNSHARE
from tests.support.serve import Serve

#: Where it listens: an address of the loopback that is nobody's.
ADDRESS = "127.77.0.53"
PORT = 53

#: RFC 1035: an answer, "no such name".
ANSWER_NXDOMAIN = b"\x81\x83"

WITH_RESOLVER = 'mount --bind "$0" /etc/resolv.conf && exec "$@"'


class ResolvedServe(Serve):
    """`motte serve` in a mount namespace with a `resolv.conf` of its own."""

    def __init__(self, settings: Mapping[str, str], resolv_conf: Path) -> None:
        super().__init__(settings)
        self._resolv_conf = resolv_conf

    def command(self) -> list[str]:
        inside = ["sh", "-c", WITH_RESOLVER, str(self._resolv_conf)]
        return [*UNSHARE, "--mount", *inside, *super().command()]


class Resolver(asyncio.DatagramProtocol):
    """Use `opened`."""

    def __init__(self, resolv_conf: Path) -> None:
        self._resolv_conf = resolv_conf
        self._transport: asyncio.DatagramTransport | None = None
        #: Names that were looked up.
        self.asked: list[str] = []

    @classmethod
    @asynccontextmanager
    async def opened(cls) -> AsyncGenerator["Resolver | None"]:
        """None: this user may not listen at the port of name servers."""
        if os.geteuid() != 0:
            yield None
            return
        with tempfile.TemporaryDirectory(prefix="motte-") as folder:
            resolv_conf = Path(folder) / "resolv.conf"
            resolv_conf.write_text(f"nameserver {ADDRESS}\noptions timeout:1 attempts:1\n")
            loop = asyncio.get_running_loop()
            transport, resolver = await loop.create_datagram_endpoint(
                lambda: cls(resolv_conf), local_addr=(ADDRESS, PORT)
            )
            try:
                yield resolver
            finally:
                transport.close()

    def serve(self, settings: Mapping[str, str]) -> Serve:
        """A Motte that asks this name server."""
        return ResolvedServe(settings, self._resolv_conf)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by asyncio."""
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str | int, ...]) -> None:
        """Called by asyncio. data: a header of 12 bytes, then labels that begin with their length."""
        labels, rest = [], data[12:]
        while rest[:1] not in (b"", b"\0"):
            labels.append(rest[1 : 1 + rest[0]].decode("ascii", "replace"))
            rest = rest[1 + rest[0] :]
        self.asked.append(".".join(labels))
        assert self._transport is not None
        self._transport.sendto(data[:2] + ANSWER_NXDOMAIN + data[4:], addr)
