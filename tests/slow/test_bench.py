"""A bench that is interrupted, or that fails, leaves no process and no folder behind."""

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Generator
from pathlib import Path

import pytest

from server.cli.serve.launch import ROOT
from tests.support.eventually import eventually
from tests.support.interrupts import heed_interrupts

#: Seconds until a Motte runs, and until everything is stopped.
BEGUN_WITHIN, ENDED_WITHIN = 60.0, 30.0


@pytest.fixture
def place() -> Generator[Path]:
    """The temporary folder of a bench. Its name is short: sockets are in it."""
    with tempfile.TemporaryDirectory(prefix="b-") as folder:
        yield Path(folder)


async def begun(place: Path, experiment: str) -> asyncio.subprocess.Process:
    """A bench whose Motte runs and is measured."""
    bench = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench", experiment, "--output", str(place / "results.json")),
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(place)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        process_group=0,
        preexec_fn=heed_interrupts,
    )

    async def connector_runs() -> bool:
        assert bench.returncode is None
        return _has(place, "motte-*/state/sessions/*/connector.db")

    await eventually(connector_runs, within=BEGUN_WITHIN)
    return bench


async def ended(bench: asyncio.subprocess.Process) -> tuple[int | None, str]:
    """Its exit code and what it printed."""
    async with asyncio.timeout(ENDED_WITHIN):
        output, _ = await bench.communicate()
    return bench.returncode, output.decode()


def left(place: Path) -> list[str]:
    """Folders in it, and processes that were started with it."""
    folders = [str(path) for path in place.iterdir() if path.is_dir()]
    return folders + [
        f"process {process.name}" for process in Path("/proc").glob("[0-9]*") if _is_of(process, place)
    ]


def _has(place: Path, pattern: str) -> bool:
    return any(place.glob(pattern))


def _supervisord(place: Path) -> int:
    [file] = place.glob("motte-*/state/supervisord.pid")
    return int(file.read_text())


def _is_of(process: Path, place: Path) -> bool:
    """Whether the folder is in its environment. Connectors see the state folder alone."""
    marks = [name + os.fsencode(place) for name in (b"TMPDIR=", b"MOTTE_STATE=")]
    try:
        variables = (process / "environ").read_bytes().split(b"\0")
    except OSError:  # it has ended
        return False
    return any(variable.startswith(tuple(marks)) for variable in variables)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_an_interrupted_bench_leaves_nothing_behind(place: Path, number: signal.Signals) -> None:
    bench = await begun(place, "creates")
    os.killpg(bench.pid, number)
    exit_code, output = await ended(bench)
    assert exit_code != 0
    assert "Traceback" not in output
    assert left(place) == []
    assert not (place / "results.json").exists()


async def test_an_experiment_that_fails_leaves_nothing_behind_and_fails_the_run(place: Path) -> None:
    bench = await begun(place, "creates")
    os.kill(_supervisord(place), signal.SIGKILL)
    exit_code, output = await ended(bench)
    assert exit_code == 1
    assert "creates ended early" in output
    assert "create-warm" in (place / "results.json").read_text()
    assert left(place) == []
