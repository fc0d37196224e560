"""`motte demo`: one pairing from nothing to connected, against the sandbox, and everything put away again."""

import asyncio
import os
import signal
import tempfile
import time
from contextlib import aclosing
from pathlib import Path
from typing import Any

import click

from server.cli.common.client import Client, Refused
from server.cli.sandbox.command import NothingToScan, scan_code
from server.cli.sandbox.gateway import Failed, Gateway
from server.cli.sessions.follow import follow
from server.web import qr_images as pictures

SESSION = "demo"

#: Seconds.
READY_WITHIN = 30.0
CONNECTED_WITHIN = 30.0


@click.command()
def demo() -> None:
    """Pair a session with a simulated phone.

    Shows each step, from nothing to connected, and puts everything away again. It all happens on this host,
    on free ports and in a temporary folder: no phone, no network.

    Exit codes: 0 every step succeeded and nothing is left, 1 a step failed; the logs are shown then.
    """
    os.umask(0o077)
    steps = Steps()
    with tempfile.TemporaryDirectory(prefix="motte-") as place:
        try:
            asyncio.run(_demo(Path(place), steps))
        except asyncio.CancelledError:
            raise click.Abort from None
    steps.tell("removed the temporary folder")


class Steps:
    """Says what happened, and how many milliseconds after the start."""

    def __init__(self) -> None:
        self._started = time.monotonic()

    def tell(self, step: str) -> None:
        elapsed = (time.monotonic() - self._started) * 1000
        click.echo(f"{elapsed:7.0f} ms  {step}")


async def _demo(place: Path, steps: Steps) -> None:
    _stop_in_order_when_told()
    steps.tell("starting motte serve --sandbox")
    gateway = await Gateway.start(place)
    try:
        await _pair(gateway, steps)
    except Exception:
        click.echo(gateway.logs(), err=True)
        raise
    finally:
        await gateway.stop()
    steps.tell("stopped motte serve: no process is left")


async def _pair(gateway: Gateway, steps: Steps) -> None:
    await gateway.ready(within=READY_WITHIN)
    async with gateway.api() as api, gateway.phones() as phones:
        steps.tell(f"ready: {api.url}")
        session = await api.ask("POST", "/sessions", {"id": SESSION, "name": "Demo"})
        steps.tell(
            f"created the session {SESSION}: {session['status']}, its code expires {session['qrExpiresAt']}"
        )
        click.echo(pictures.text(session["qrCode"]))
        linked = await scan_code(phones, session["qrCode"])
        steps.tell(f"the phone {linked['phoneNumber']} scanned it")
        connected = await _follow(api, steps)
        steps.tell(f"linked to {connected['phoneNumber']} ({connected['pushName'] or 'no name'})")
        await _delete(api, steps)


async def _follow(api: Client, steps: Steps) -> Any:
    """The session once it is connected; tells each status on the way. Raises Failed."""
    told = None
    try:
        async with asyncio.timeout(CONNECTED_WITHIN), aclosing(follow(api, SESSION)) as subscription:
            async for session in subscription:
                if session["status"] != told:
                    told = session["status"]
                    steps.tell(f"the session is {told}")
    except TimeoutError:
        raise Failed(f"the session was still {told} after {CONNECTED_WITHIN:g} seconds") from None
    except NothingToScan as end:
        raise Failed(end.message) from None
    return session


async def _delete(api: Client, steps: Steps) -> None:
    await api.ask("DELETE", f"/sessions/{SESSION}")
    try:
        await api.ask("GET", f"/sessions/{SESSION}")
    except Refused as refusal:
        if refusal.code == "session-not-found":
            return steps.tell("deleted the session: logged out, its process and credentials are gone")
    raise Failed("the session is still there after it was deleted")


def _stop_in_order_when_told() -> None:
    """SIGTERM is taken as Ctrl-C is: what was started is ended first."""
    task = asyncio.current_task()
    if task is not None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
