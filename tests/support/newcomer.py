"""A shell in which what the docs tell people to type is typed."""

import os
import re
import signal
import subprocess
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from server.cli.sandbox.gateway import processes_of
from server.cli.serve.launch import ROOT
from server.core.addresses import Address
from server.core.listeners import bind, close_all
from server.core.paths import StateFolder
from server.core.settings.definitions import PREFIX
from server.core.settings.model import LISTEN, SANDBOX_LISTEN

#: Seconds for all of it.
WITHIN = 60


class Newcomer:
    """A shell in a folder of its own, where everything is typed in the order in which it is printed."""

    def __init__(self, place: Path, *, state: str = ".state") -> None:
        """state: the state folder, as a path in this folder."""
        self.place = place
        self.folder = StateFolder(place / state)
        (place / ".venv").symlink_to(ROOT / ".venv")

    def follow(self, blocks: list[str], *, within: float = WITHIN) -> list[str]:
        """What each block printed. Stops at the first line that fails; waits for what it has left running.

        within: seconds.
        """
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
            with suppress(subprocess.TimeoutExpired):  # what it printed says how far it came
                shell.wait(within)
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


def typed_blocks(text: str, *, but: Collection[str]) -> list[str]:
    """Every block of a page that is meant to be typed, without some of its lines."""
    blocks = (
        "".join(line for line in block.splitlines(True) if line.partition("#")[0].strip() not in but)
        for block in printed_blocks(text)
    )
    return [block for block in blocks if block]


def printed_blocks(text: str) -> list[str]:
    """Every block of a page that is meant to be typed."""
    return re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def elsewhere(block: str, ports: dict[Address, Address]) -> str:
    """The same with other ports than those that are printed: another Motte may have them."""
    for usual, free in ports.items():
        block = block.replace(str(usual), str(free))
    serve = "motte serve --sandbox"
    listen, sandbox_listen = ports[LISTEN.address], ports[SANDBOX_LISTEN]
    return block.replace(serve, f"{serve} --listen {listen} --sandbox-listen {sandbox_listen}")


def free_ports(*usual: Address) -> dict[Address, Address]:
    """For each address one that is free, all different."""
    bound = [server for _ in usual for server in bind(Address("127.0.0.1", 0))]
    free = [Address("127.0.0.1", server.getsockname()[1]) for server in bound]
    close_all(bound)
    return dict(zip(usual, free, strict=True))
