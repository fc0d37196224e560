"""What an experiment needs: a simulated WhatsApp, and a Motte with the settings of a new installation."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from bench.baseline import Baseline
from bench.processes import Usage, pss
from tests.support.motte import Motte
from tests.support.phones import Phones, Sandbox
from tests.support.serve import Serve

#: Seconds over which processor time is counted, and after which a Motte that never rests is not waited for.
LOOK, PATIENCE = 0.2, 10.0

#: Part of a core below which it rests.
AT_REST = 0.1


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
        async with Baseline.started(script, *self.whatsapp, *arguments) as baseline:
            await self.phones.scan(await baseline.until("qr"), phone)
            await baseline.until("open")
            yield baseline

    @property
    def whatsapp(self) -> tuple[str, str]:
        """The simulated WhatsApp's URL and root key, which baselines get as arguments."""
        url, root_key = (self.sandbox.settings[f"MOTTE_WHATSAPP_{name}"] for name in ("URL", "ROOT_KEY"))
        return url, root_key

    async def rests(self) -> None:
        """Returns once Motte has nothing to do: what it still did for an earlier request is done."""
        before = Usage.of(self.serve.folder)
        for _ in range(round(PATIENCE / LOOK)):
            await asyncio.sleep(LOOK)
            now = Usage.of(self.serve.folder)
            if now.since(before) < AT_REST * LOOK:
                return
            before = now

    async def memory(self, *session_ids: str) -> list[float]:
        """Returns the PSS of the connectors of these sessions, in MiB."""
        programs = await self.motte.programs()
        pids = [programs[session_id].pid for session_id in session_ids]
        return [pss(pid) for pid in pids if pid is not None]


@asynccontextmanager
async def opened(**settings: str) -> AsyncGenerator[Stage]:
    """Yields a stage whose Motte is ready. settings: variables that a new installation does not set."""
    async with (
        installed(**settings) as (serve, sandbox),
        Phones(sandbox.control_url) as phones,
        Motte.opened(serve, phones) as motte,
    ):
        yield Stage(motte, serve, phones, sandbox)


@asynccontextmanager
async def installed(**settings: str) -> AsyncGenerator[tuple[Serve, Sandbox]]:
    """Yields a Motte that does not run yet, and its WhatsApp. Both are gone afterwards, whatever happens."""
    async with AsyncExitStack() as stack:
        sandbox = Sandbox()
        stack.push_async_callback(asyncio.to_thread, sandbox.stop)
        serve = Serve({**sandbox.settings, **settings})
        stack.callback(serve.remove)
        stack.push_async_callback(asyncio.to_thread, serve.stop)
        yield serve, sandbox
