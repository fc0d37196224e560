"""`motte demo`: pairs one session with the sandbox, from nothing to connected, and cleans up."""

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
from server.cli.common.output import say
from server.cli.common.streams import can_show
from server.cli.install.command import ensure_installed
from server.cli.sandbox.command import NothingToScan, scan_code
from server.cli.sandbox.gateway import Failed, Gateway
from server.cli.sessions.follow import follow
from server.web import qr_images as qr_images

SESSION = "demo"

READY_TIMEOUT_SECONDS = 30.0
CONNECTED_TIMEOUT_SECONDS = 30.0


@click.command()
def demo() -> None:
    """Pair a session with a simulated phone.

    Shows each step, from nothing to connected, and cleans up. Everything happens on this host, on free ports
    and in a temporary folder, without a phone and without a network.

    Exit codes: 0 every step succeeded and nothing is left, 1 a step failed; the logs are shown, 130 ended
    with Ctrl-C.
    """
    os.umask(0o077)
    ensure_installed()
    steps = Steps()
    with tempfile.TemporaryDirectory(prefix="motte-") as place:
        try:
            asyncio.run(_demo(Path(place), steps))
        except asyncio.CancelledError:
            raise click.Abort from None
    steps.tell("removed the temporary folder")


class Steps:
    """Prints each step with the milliseconds since the start."""

    def __init__(self) -> None:
        self._started = time.monotonic()

    def tell(self, step: str) -> None:
        elapsed = (time.monotonic() - self._started) * 1000
        say(f"{elapsed:7.0f} ms  {step}")


async def _demo(place: Path, steps: Steps) -> None:
    _cancel_on_sigterm()
    steps.tell("starting motte serve --sandbox")
    gateway = await Gateway.start(place)
    try:
        await _pair(gateway, steps)
    except Exception:
        say(gateway.logs(), err=True)
        raise
    finally:
        await gateway.stop()
    steps.tell("stopped motte serve: no process is left")


async def _pair(gateway: Gateway, steps: Steps) -> None:
    await gateway.ready(within=READY_TIMEOUT_SECONDS)
    async with gateway.api() as api, gateway.phones() as phones:
        steps.tell(f"ready: {api.url}")
        session = await api.ask("POST", "/sessions", {"id": SESSION, "name": "Demo"})
        steps.tell(
            f"created the session {SESSION}: {session['status']}, its code expires {session['qrExpiresAt']}"
        )
        if can_show(drawn := qr_images.text(session["qrCode"])):
            say(drawn)
        linked = await scan_code(phones, session["qrCode"])
        steps.tell(f"the phone {linked['phoneNumber']} scanned it")
        connected = await _follow(api, steps)
        steps.tell(f"linked to {connected['phoneNumber']} ({connected['pushName'] or 'no name'})")
        await _delete(api, steps)


async def _follow(api: Client, steps: Steps) -> Any:
    """Prints each status until the session is connected, and returns the session. Raises Failed."""
    shown = None
    try:
        async with asyncio.timeout(CONNECTED_TIMEOUT_SECONDS), aclosing(follow(api, SESSION)) as subscription:
            async for session in subscription:
                if session["status"] != shown:
                    shown = session["status"]
                    steps.tell(f"the session is {shown}")
    except TimeoutError:
        raise Failed(f"the session was still {shown} after {CONNECTED_TIMEOUT_SECONDS:g} seconds") from None
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


def _cancel_on_sigterm() -> None:
    """Handles SIGTERM like Ctrl-C: the gateway is stopped first."""
    task = asyncio.current_task()
    if task is not None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
