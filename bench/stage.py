"""What an experiment needs: a simulated WhatsApp, and a Motte with the settings of a new installation."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bench.baseline import Baseline
from tests.support.motte import Motte
from tests.support.phones import Phones, Sandbox
from tests.support.serve import Serve


@dataclass(frozen=True, slots=True)
class Stage:
    """The parts."""

    motte: Motte
    serve: Serve
    phones: Phones
    sandbox: Sandbox

    @asynccontextmanager
    async def bare(self, script: str, phone: str, *arguments: str) -> AsyncGenerator[Baseline]:
        """Runs a script that imports Baileys and prints its `qr`; this phone scans it, until it is `open`."""
        url, root_key = (self.sandbox.settings[f"MOTTE_WHATSAPP_{name}"] for name in ("URL", "ROOT_KEY"))
        async with Baseline.started(script, url, root_key, *arguments) as baseline:
            await self.phones.scan(await baseline.until("qr"), phone)
            await baseline.until("open")
            yield baseline


@asynccontextmanager
async def opened(**settings: str) -> AsyncGenerator[Stage]:
    """Yields a stage whose Motte is ready. settings: variables that a new installation does not set."""
    sandbox = Sandbox()
    serve = Serve({**sandbox.settings, **settings})
    try:
        async with Phones(sandbox.control_url) as phones, Motte.opened(serve, phones) as motte:
            yield Stage(motte, serve, phones, sandbox)
    finally:
        await asyncio.to_thread(serve.stop)
        serve.remove()
        await asyncio.to_thread(sandbox.stop)
