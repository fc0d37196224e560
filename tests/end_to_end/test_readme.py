"""What README.md tells a newcomer to type works as it is printed."""

import json
import os
import re
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.cli.child import processes_of
from server.cli.launch import ROOT
from server.cli.preflight import bind
from server.config import LISTEN, PREFIX, SANDBOX_LISTEN
from server.folders import StateFolder
from server.parsers import Address

README = (ROOT / "README.md").read_text()

#: Lines that are not run here, and why.
NOT_RUN = {
    "make install": "it needs a network; the environment that runs these tests is what it leaves",
    "make demo": "tests/cli/test_demo.py runs it",
    "make test": "it runs this file",
}

#: Seconds for all of it.
WITHIN = 60


class Newcomer:
    """A shell in a folder of its own, where everything is typed in the order in which it is printed."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.folder = StateFolder(place / ".state")
        (place / ".venv").symlink_to(ROOT / ".venv")

    def follow(self, blocks: list[str]) -> list[str]:
        """What each block printed. Stops at the first line that fails; waits for what it has left running."""
        outputs = [self.place / f"{number}.out" for number in range(len(blocks))]
        typed = [
            f"{{\n{block}}} > {output.name} 2>&1\n" for block, output in zip(blocks, outputs, strict=True)
        ]
        shell = subprocess.Popen(
            ["bash", "-euc", "".join([*typed, "wait\n"])],
            cwd=self.place,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            shell.wait(WITHIN)
        finally:
            self._end(shell)
        printed = [output.read_text() if output.exists() else "" for output in outputs]
        assert shell.returncode == 0, "\n".join(printed)
        return printed

    def _environment(self) -> dict[str, str]:
        """A newcomer has a home, and no setting of Motte's."""
        foreign = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
        return {**foreign, "HOME": str(self.place)}

    def _end(self, shell: subprocess.Popen[bytes]) -> None:
        """What goes wrong half-way leaves a `motte serve` in the background."""
        if processes_of(self.folder):
            os.killpg(shell.pid, signal.SIGTERM)
        shell.kill()
        shell.wait()


def blocks() -> list[str]:
    """Every block of README.md that is meant to be typed, without the lines that are not run."""
    printed = re.findall(r"^```sh\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    typed = ("".join(line for line in block.splitlines(True) if not is_skipped(line)) for block in printed)
    return [block for block in typed if block]


def is_skipped(line: str) -> bool:
    return line.partition("#")[0].strip() in NOT_RUN


def elsewhere(block: str, ports: dict[Address, Address]) -> str:
    """The same with other ports than those that Motte takes by itself: another Motte may have them."""
    for usual, free in ports.items():
        block = block.replace(str(usual), str(free))
    serve = "motte serve --sandbox"
    return block.replace(serve, f"{serve} --listen {ports[LISTEN]} --sandbox-listen {ports[SANDBOX_LISTEN]}")


@pytest.fixture
def ports() -> dict[Address, Address]:
    with bind(Address("127.0.0.1", 0)) as one, bind(Address("127.0.0.1", 0)) as other:
        return {
            LISTEN: Address("127.0.0.1", one.getsockname()[1]),
            SANDBOX_LISTEN: Address("127.0.0.1", other.getsockname()[1]),
        }


@pytest.fixture
def newcomer() -> Iterator[Newcomer]:
    with tempfile.TemporaryDirectory(prefix="motte-") as place:
        yield Newcomer(Path(place))


def test_every_line_that_is_skipped_is_there() -> None:
    for line in NOT_RUN:
        assert re.search(rf"^{line}\b", README, re.MULTILINE)


def test_the_quick_start_goes_from_a_code_to_a_connected_session_and_leaves_nothing(
    newcomer: Newcomer, ports: dict[Address, Address]
) -> None:
    typed = blocks()
    printed = newcomer.follow([elsewhere(block, ports) for block in typed])

    def told(part: str) -> str:
        """What the block printed in which this stands."""
        return printed[next(number for number, block in enumerate(typed) if part in block)]

    assert json.loads(told("readyz")) == {"status": "ready"}
    created = json.loads(told("-X POST"))
    assert (created["id"], created["status"]) == ("shop", "qr_waiting")
    assert created["qrCode"].startswith("https://")
    assert "shop: scanned by" in told("sandbox scan")
    assert json.loads(told("/sessions/shop -H"))["status"] in ("pairing", "connected")
    assert {"front", "sandbox", "connector:shop"} <= set(told("ctl status").split())
    assert told("-X DELETE") == ""
    assert "Shut down" in told("ctl shutdown")
    assert processes_of(newcomer.folder) == []
