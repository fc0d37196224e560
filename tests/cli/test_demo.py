"""`motte demo`, for real: supervisord, front, connector and sandbox."""

import asyncio
import os
import select
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.cli.sandbox.gateway import Failed, Gateway, processes_of
from server.cli.serve.launch import ROOT
from tests.support.interrupts import heed_interrupts

#: Seconds; the whole demo takes a few.
WITHIN = 90


Demo = subprocess.Popen[str]


@pytest.fixture
def place() -> Iterator[Path]:
    """Where the demo puts its folder: shorter than pytest's, since a socket lies in it."""
    with tempfile.TemporaryDirectory() as place:
        yield Path(place)


@pytest.fixture
def demo(place: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Demo]:
    """`motte demo`, started."""
    monkeypatch.setenv("TMPDIR", str(place))
    monkeypatch.setenv("MOTTE_QR_TIMEOUT", "no number: the demo has settings of its own")
    command = [sys.executable, "-m", "server", "demo"]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=heed_interrupts,
    ) as process:
        yield process
        process.kill()


def running_under(place: Path) -> list[int]:
    """Processes that were started on a state folder in `place`."""
    mark = b"MOTTE_STATE=" + os.fsencode(place)
    return [int(process.name) for process in Path("/proc").glob("[0-9]*") if mark in environ_of(process)]


def environ_of(process: Path) -> bytes:
    try:
        return (process / "environ").read_bytes()
    except OSError:  # it has ended
        return b""


def wait_until_ready(demo: Demo) -> None:
    assert demo.stdout is not None
    while "ready" not in (line := demo.stdout.readline()):
        assert line, "the demo ended before it was ready"


def test_a_demo_goes_from_nothing_to_connected_and_leaves_nothing(demo: Demo, place: Path) -> None:
    output, errors = demo.communicate(timeout=WITHIN)
    assert demo.returncode == 0, output + errors
    steps = ["ready: http://127.0.0.1:", "created the session demo: qr_waiting", "scanned it"]
    steps += ["the session is connected", "deleted the session", "no process is left", "temporary folder"]
    places = [output.index(step) for step in steps]
    assert places == sorted(places)
    assert "▄" in output
    assert list(place.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["TERM", "INT"])
def test_a_demo_that_is_ended_stops_what_it_started(demo: Demo, place: Path, number: signal.Signals) -> None:
    wait_until_ready(demo)
    demo.send_signal(number)
    _, errors = demo.communicate(timeout=WITHIN)
    assert demo.returncode == (1 if number == signal.SIGTERM else 130)
    assert "Traceback" not in errors
    assert list(place.iterdir()) == []
    assert running_under(place) == []


def test_the_processes_of_a_demo_die_with_it(demo: Demo, place: Path) -> None:
    wait_until_ready(demo)
    pidfds = [os.pidfd_open(process) for process in running_under(place)]
    assert pidfds
    demo.kill()
    for pidfd in pidfds:  # a pidfd can be read once its process has ended
        assert select.select([pidfd], [], [], WITHIN)[0]
        os.close(pidfd)


async def test_a_serve_that_cannot_start_fails_at_once_and_its_words_are_in_the_logs(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir(mode=0o755)
    (tmp_path / "state" / "letter.txt").touch()
    gateway = await Gateway.start(tmp_path)
    with pytest.raises(Failed, match="motte serve ended with exit code 1"):
        await gateway.ready(within=30)
    await gateway.stop()
    assert "neither empty nor a state folder" in gateway.logs()


async def test_a_process_that_is_left_behind_is_found_and_told(tmp_path: Path) -> None:
    (tmp_path / "state").touch()
    gateway = await Gateway.start(tmp_path)
    environ = os.environ | {"MOTTE_STATE": str(gateway.folder.path)}
    stray = await asyncio.create_subprocess_exec("/bin/cat", env=environ, stdin=asyncio.subprocess.PIPE)
    try:
        with pytest.raises(Failed, match=f"left processes behind: {stray.pid}"):
            await gateway.stop()
    finally:
        await stray.communicate(b"")  # the end of its input is its end
    assert processes_of(gateway.folder) == []
