"""How long commands take that people wait for."""

import asyncio
import os
import subprocess
from contextlib import suppress
from pathlib import Path
from time import perf_counter
from typing import Any

import aiohttp

from bench.rows import Row, Samples
from bench.stage import installed
from server.cli.serve.launch import ROOT
from tests.chaos.chaos import a_free_port

TIME: dict[str, Any] = {"unit": "ms", "direction": "at-most"}

ROWS = (
    Row(name="motte-version", what="`motte --version`, from its start to its end", goal=120, **TIME),
    Row(
        name="serve-first-answer",
        what="`motte serve`, from its start to the first answer of the API",
        goal=400,
        **TIME,
    ),
)

BUDGET = 20

#: Of each command.
ROUNDS = 9

#: The command of this installation.
MOTTE = Path(os.environ.get("VIRTUAL_ENV", ROOT / ".venv")) / "bin" / "motte"


async def measure(samples: Samples) -> None:
    """Fills the rows."""
    port = a_free_port()
    async with installed(MOTTE_LISTEN=f"127.0.0.1:{port}") as (serve, _sandbox):
        for _ in range(ROUNDS):
            samples.add("motte-version", await asyncio.to_thread(_version))
            begun = perf_counter()
            serve.start()
            await _answers(f"http://127.0.0.1:{port}/healthz")
            samples.add("serve-first-answer", (perf_counter() - begun) * 1000)
            await asyncio.to_thread(serve.stop)


def _version() -> float:
    begun = perf_counter()
    subprocess.run([MOTTE, "--version"], check=True, stdout=subprocess.DEVNULL)
    return (perf_counter() - begun) * 1000


async def _answers(url: str) -> None:
    """Returns once somebody answers there."""
    async with aiohttp.ClientSession() as http, asyncio.timeout(30):
        while True:
            with suppress(aiohttp.ClientError):
                async with http.get(url):
                    return
            await asyncio.sleep(0.002)
