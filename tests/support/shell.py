"""A shell beside a running Motte, in which what the docs tell people to type is typed."""

import asyncio
import os
import re
import sys
from asyncio.subprocess import PIPE, STDOUT, Process
from pathlib import Path

from server.cli.serve.launch import ROOT
from tests.support.interrupts import heed_interrupts
from tests.support.serve import API_KEY, Serve

#: Seconds that what is typed gets, programs that are started included.
WITHIN = 60


def page(name: str) -> str:
    """A page of the docs, in whichever of its folders."""
    [path] = (ROOT / "docs").rglob(name)
    return path.read_text()


def prompted(text: str) -> list[str]:
    """What a page shows behind a prompt, line by line."""
    blocks = re.findall(r"^```console\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [line.removeprefix("$ ") for block in blocks for line in block.splitlines() if line[:2] == "$ "]


async def typed(serve: Serve, place: Path, *lines: str) -> Process:
    """A shell that goes as far as the first line that fails."""
    return await started(serve, place, "bash", "-c", "\n".join(("set -eu", *lines)))


async def started(serve: Serve, place: Path, *command: str) -> Process:
    """place: the working folder. `motte` is on its PATH, the address in API_URL, an admin's key in KEY."""
    environment = serve.environment()
    path = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
    return await asyncio.create_subprocess_exec(
        *command,
        cwd=place,
        env={**environment, "PATH": path, "API_URL": str(serve.url()), "KEY": API_KEY},
        stdout=PIPE,
        stderr=STDOUT,
        preexec_fn=heed_interrupts,
    )


async def printed(program: Process) -> str:
    """All that it prints, once it has ended well."""
    async with asyncio.timeout(WITHIN):
        output, _ = await program.communicate()
    assert program.returncode == 0, output.decode()
    return output.decode()
