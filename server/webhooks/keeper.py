"""Keeps a process that delivers, as long as there are webhooks. Decision 36 says why it is one of its own."""

import asyncio
import logging
import os
import socket
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import msgspec

from server.core.log_events import log_event
from server.core.paths import StateFolder
from server.core.proxy_variables import VARIABLES
from server.core.settings.model import Isolation, Settings
from server.core.tasks import until_one_ends
from server.core.version import VERSION
from server.events.notifier import Notifier
from server.webhooks.metrics import WebhookMetrics
from server.webhooks.report import EVENTS, MAX_LINE_BYTES, WEBHOOKS, Report, Setup
from store.errors import StoreError
from store.ports.webhooks import WebhookStore

log = logging.getLogger(__name__)

MODULE = "server.deliverer"

#: The folder that holds the package `server`.
ROOT = Path(__file__).parents[2]

#: Seconds between two looks whether there is a webhook: another front may have made one.
LOOK_SECONDS = 1.0

#: Seconds between two lines to the process: more events may come meanwhile.
GATHER_SECONDS = 0.002

#: Seconds without a report after which the process is killed. It reports once a second. While one stands
#: still that has begun to write, the front cannot write.
SILENT_SECONDS = 10.0

#: Seconds more for a process that was frozen together with the front, as `docker pause` does.
THAW_SECONDS = 1.0

#: Seconds until its first report: many processes may be starting.
START_SECONDS = 60.0

#: Seconds that the process has to write what it has delivered. supervisord kills the front after four.
END_SECONDS = 1.0

#: Seconds before the next start. They double with each process that has lived for less than HEALTHY_SECONDS.
PAUSE_SECONDS = 0.1
MAX_PAUSE_SECONDS = 30.0
HEALTHY_SECONDS = 10.0


class DelivererKeeper:
    """Runs in the front that leads. A process that ends is started again, and none outlives its front."""

    def __init__(
        self,
        settings: Settings,
        webhooks: WebhookStore,
        events: Notifier,
        changes: Notifier,
        metrics: WebhookMetrics,
    ) -> None:
        """events: notifies after each commit of events. changes: when a caller has changed a webhook."""
        self._settings = settings
        self._webhooks = webhooks
        self._events = events
        self._changes = changes
        self._metrics = metrics

    async def run(self) -> None:
        """Keeps a process until it is cancelled, and ends it then."""
        loop = asyncio.get_running_loop()
        pause = PAUSE_SECONDS
        while True:
            await self._needed()
            began = loop.time()
            if await self._keep_one():
                continue
            if loop.time() - began >= HEALTHY_SECONDS:
                pause = PAUSE_SECONDS
            self._metrics.crashed()
            await asyncio.sleep(pause)
            pause = min(2 * pause, MAX_PAUSE_SECONDS)

    async def _needed(self) -> None:
        """Returns once there is a webhook. A disabled one counts: it may have dead letters to sweep."""
        while True:
            seen = self._changes.count
            try:
                if await self._webhooks.versions():
                    return
                self._metrics.show_none()
            except StoreError as error:
                log_event(log.warning, "webhooks_wait_for_store", error=error)
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._changes.wait(seen)

    async def _keep_one(self) -> bool:
        """Starts a process and waits for its end; whether it ended because there is no webhook."""
        try:
            process, link = await self._start()
        except OSError as error:
            log_event(log.error, "webhook_deliverer_not_started", error=error)
            return False
        try:
            await self._talk(process, link)
        finally:
            self._metrics.show_running(False)
            await _end(process)
        if process.returncode:
            log_event(log.error, "webhook_deliverer_ended", code=process.returncode)
        return process.returncode == 0

    async def _talk(self, process: asyncio.subprocess.Process, link: socket.socket) -> None:
        """Says to the process what to do, and counts what it reports, until it ends; kills a silent one."""
        reader, writer = await asyncio.open_unix_connection(sock=link, limit=MAX_LINE_BYTES)
        try:
            writer.write(msgspec.json.encode(self._setup()) + b"\n")
            await until_one_ends(
                self._listen(reader, process.pid),
                _pass_on(self._events, EVENTS, writer),
                _pass_on(self._changes, WEBHOOKS, writer),
            )
        except ConnectionError:
            pass  # it has ended
        except TimeoutError:
            log_event(log.error, "webhook_deliverer_silent")
            process.kill()
        finally:
            writer.transport.abort()

    async def _start(self) -> tuple[asyncio.subprocess.Process, socket.socket]:
        """Returns a process, and the socket to its standard input. Raises OSError."""
        ours, theirs = socket.socketpair()
        try:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", MODULE),
                stdin=theirs.fileno(),
                stdout=asyncio.subprocess.DEVNULL,
                cwd=ROOT,
                env=_environment(os.environ, StateFolder(self._settings.state.absolute())),
                process_group=0,  # Ctrl-C is for the front, which then ends it
            )
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()
        return process, ours

    def _setup(self) -> Setup:
        return Setup(
            front=os.getpid(),
            version=VERSION,
            allow_private=self._settings.allow_private_webhooks,
            allow_loopback=self._settings.sandbox,
            is_confined=self._settings.connector_isolation is Isolation.ON,
            log_format=self._settings.log_format,
        )

    async def _listen(self, reader: asyncio.StreamReader, pid: int) -> None:
        """Counts what the process reports: the first time as soon as it delivers.

        Raises TimeoutError if it says nothing for long.
        """
        delivers = False
        while True:
            line = await _line(reader, SILENT_SECONDS if delivers else START_SECONDS)
            if not line.endswith(b"\n"):  # it has ended, perhaps within a report
                return
            msgspec.json.decode(line, type=Report).count(self._metrics)
            self._metrics.show_running(True)
            if not delivers:
                log_event(log.info, "webhook_deliverer_started", pid=pid)
            delivers = True


async def _line(reader: asyncio.StreamReader, within: float) -> bytes:
    """Returns the next line. Raises TimeoutError if none comes within so many seconds.

    A front that stood still itself finds the time over before it has read what came meanwhile.
    """
    with suppress(TimeoutError):
        async with asyncio.timeout(within):
            return await reader.readline()
    async with asyncio.timeout(THAW_SECONDS):
        return await reader.readline()


async def _pass_on(notifier: Notifier, word: bytes, writer: asyncio.StreamWriter) -> None:
    """Writes a word for each notification, or for several. The process reads everything when it begins."""
    seen = notifier.count
    while True:
        seen = await notifier.wait(seen)
        writer.write(word)
        await writer.drain()
        await asyncio.sleep(GATHER_SECONDS)


async def _end(process: asyncio.subprocess.Process) -> None:
    """Returns once the process has ended. Its socket is closed, which it takes for the end."""
    try:
        async with asyncio.timeout(END_SECONDS):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


def _environment(environ: Mapping[str, str], folder: StateFolder) -> dict[str, str]:
    """Returns what the process may see. Variables of Motte and of proxies may be secrets."""
    secret = {*VARIABLES, "http_proxy", "HTTP_PROXY"}
    kept = {
        name: text for name, text in environ.items() if name not in secret and not name.startswith("MOTTE_")
    }
    return {**kept, "MOTTE_STATE": str(folder.path), "SQLITE_TMPDIR": str(folder.deliverer)}
