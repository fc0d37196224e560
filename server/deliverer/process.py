"""The process that delivers, from the front's first line to the end of its socket."""

import asyncio
import fcntl
import logging
import os
import signal
import socket
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec

from server.core.clock import SystemClock
from server.core.log_events import log_event
from server.core.parent_death import die_with
from server.core.paths import StateFolder
from server.core.tasks import in_background, until_one_ends
from server.core.version import VERSION
from server.deliverer.confinement import confine
from server.events.notifier import Notifier
from server.observability import logs
from server.observability.loop_errors import log_loop_errors
from server.webhooks.deliverer import Deliverer
from server.webhooks.http_client import WebhookClient
from server.webhooks.report import EVENTS, MAX_LINE_BYTES, WEBHOOKS, Setup, Tally
from store.errors import StoreError
from store.files import open_regular
from store.sqlite.store import open_store

log = logging.getLogger(__name__)

#: Exit code if it cannot begin. The log says why.
CANNOT_BEGIN = 1

#: Seconds between two tries to get the lock: a process that its front has left ends soon.
LOCK_SECONDS = 0.1

#: Seconds between two reports.
REPORT_SECONDS = 1.0

#: Seconds without a webhook after which it ends, and between two looks.
IDLE_SECONDS = 30.0
LOOK_SECONDS = 1.0


class CannotBegin(Exception):
    """Why nothing is delivered."""


def main() -> None:
    """Delivers until the front closes the socket, or SIGTERM, or there has been no webhook for a while.

    Raises SystemExit if it cannot begin.
    """
    os.umask(0o077)
    try:
        asyncio.run(_run())
    except (CannotBegin, StoreError) as error:
        log_event(log.error, "webhook_deliverer_cannot_begin", error=error)
        sys.exit(CANNOT_BEGIN)
    except ConnectionError:
        pass  # the front has ended before it read all that was written


async def _run() -> None:
    reader, writer = await asyncio.open_unix_connection(
        sock=socket.socket(fileno=sys.stdin.fileno()), limit=MAX_LINE_BYTES
    )
    first = await reader.readline()
    if not first:
        return
    setup = msgspec.json.decode(first, type=Setup)
    die_with(setup.front)
    logs.configure(setup.log_format)
    log_loop_errors(asyncio.get_running_loop())
    if setup.version != VERSION:
        raise CannotBegin(f"the front has version {setup.version}, and {VERSION} is installed")
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    events, webhooks = Notifier(), Notifier()
    await until_one_ends(
        stopped.wait(), _listen(reader, events, webhooks), _deliver(setup, writer, events, webhooks)
    )


async def _listen(reader: asyncio.StreamReader, events: Notifier, webhooks: Notifier) -> None:
    """Notifies in the name of the front, until it closes its end."""
    notifiers = {EVENTS: events, WEBHOOKS: webhooks}
    while line := await reader.readline():
        if line in notifiers:  # the last line of a front that was killed may lack its end
            notifiers[line].notify()


async def _deliver(setup: Setup, writer: asyncio.StreamWriter, events: Notifier, webhooks: Notifier) -> None:
    """Delivers until there has been no webhook for a while. Raises StoreError, OSError."""
    folder, clock, tally = StateFolder(Path(os.environ["MOTTE_STATE"])), SystemClock(), Tally()
    folder.deliverer.mkdir(mode=0o700, exist_ok=True)
    if setup.is_confined:
        confine(folder)
    async with (
        _alone(folder),
        open_store(folder.database, boot_id=clock.boot_id, migrates=False) as store,
        WebhookClient(allow_private=setup.allow_private, allow_loopback=setup.allow_loopback) as client,
    ):
        deliverer = Deliverer(store.webhooks, store.events, clock, client, events, webhooks, tally)
        async with in_background("webhooks", deliverer.run):
            await until_one_ends(_report(writer, tally), _idle(deliverer))


@asynccontextmanager
async def _alone(folder: StateFolder) -> AsyncGenerator[None]:
    """Holds the lock of the one process that delivers, once the one before has ended."""
    lock = open_regular(folder.deliverer_lock, os.O_RDWR | os.O_CREAT)
    try:
        while not _take(lock):  # noqa: ASYNC110  # no event says that another process has ended
            await asyncio.sleep(LOCK_SECONDS)
        yield
    finally:
        os.close(lock)


def _take(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


async def _report(writer: asyncio.StreamWriter, tally: Tally) -> None:
    """Says to the front what was counted: it takes a process that says nothing for dead."""
    while True:
        writer.write(msgspec.json.encode(tally.take()) + b"\n")
        await writer.drain()
        await asyncio.sleep(REPORT_SECONDS)


async def _idle(deliverer: Deliverer) -> None:
    """Returns once there has been no webhook for a while."""
    loop = asyncio.get_running_loop()
    until = loop.time() + IDLE_SECONDS
    while loop.time() < until:
        await asyncio.sleep(LOOK_SECONDS)
        if not deliverer.is_idle:
            until = loop.time() + IDLE_SECONDS
