"""What docs/tutorial/first-session.md tells a newcomer to type links three accounts."""

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.cli.sandbox.gateway import processes_of
from server.cli.serve.launch import ROOT
from server.core.settings.model import LISTEN, SANDBOX_LISTEN
from tests.support.newcomer import Newcomer, elsewhere, free_ports, typed_blocks

TUTORIAL = (ROOT / "docs" / "tutorial" / "first-session.md").read_text()

#: It needs a network; the environment that runs these tests is what it leaves.
NOT_RUN = ("make install",)

#: Seconds for all of it, on a busy machine.
WITHIN = 150


@pytest.fixture
def newcomer() -> Iterator[Newcomer]:
    with tempfile.TemporaryDirectory(prefix="motte-") as place:
        yield Newcomer(Path(place), state=".tutorial/state")


def test_each_way_that_is_typed_ends_with_a_connected_account(newcomer: Newcomer) -> None:
    typed = typed_blocks(TUTORIAL, but=NOT_RUN)
    ports = free_ports(LISTEN.address, SANDBOX_LISTEN)
    printed = newcomer.follow([elsewhere(block, ports) for block in typed], within=WITHIN)

    def told(part: str) -> str:
        """What the block printed in which this stands."""
        return printed[next(number for number, block in enumerate(typed) if part in block)]

    created = json.loads(told('"first"'))
    assert (created["id"], created["status"]) == ("first", "qr_waiting")
    assert json.loads(told("If-None-Match"))["status"] in ("pairing", "connected")
    assert json.loads(told("scan-link").splitlines()[-1])["url"].startswith(
        f"http://{ports[LISTEN.address]}/scan/"
    )
    assert "second: scanned by 15550000002" in told("scan second")
    assert "third: connected as 15550000003" in told("--follow")
    mark, _, *rows = told("sessions list").splitlines()
    assert mark.startswith("Sandbox:")
    listed = [row.split()[:2] for row in rows]
    assert listed == [["first", "connected"], ["second", "connected"], ["third", "connected"]]
    assert "first: deleted" in told("sessions delete")
    assert processes_of(newcomer.folder) == []
    outputs = {f"{number}.out" for number in range(len(typed))}
    assert {path.name for path in newcomer.place.iterdir()} == {".venv", *outputs}
