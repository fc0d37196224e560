"""What README.md tells a newcomer to type works as it is printed."""

import json
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.cli.sandbox.gateway import processes_of
from server.cli.serve.launch import ROOT
from server.core.addresses import Address
from server.core.settings.model import LISTEN, SANDBOX_LISTEN
from tests.support.newcomer import Newcomer, elsewhere, free_ports, typed_blocks

README = (ROOT / "README.md").read_text()

#: Lines that are not run here, and why.
NOT_RUN = {
    "git clone https://example.org/motte.git && cd motte": "its address is a placeholder",
    "make install": "it needs a network; the environment that runs these tests is what it leaves",
    "make demo": "tests/cli/test_demo.py runs it",
    "make run": "it serves until Ctrl-C, with the real WhatsApp",
}


@pytest.fixture
def ports() -> dict[Address, Address]:
    return free_ports(LISTEN.address, SANDBOX_LISTEN)


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
    typed = typed_blocks(README, but=NOT_RUN)
    printed = newcomer.follow([elsewhere(block, ports) for block in typed])

    def told(part: str) -> str:
        """What the block printed in which this stands."""
        return printed[next(number for number, block in enumerate(typed) if part in block)]

    assert json.loads(told("readyz")) == {"status": "ready"}
    created = json.loads(told("-X POST"))
    assert (created.get("id"), created["status"]) == ("shop", "qr_waiting"), created
    assert created["qrCode"].startswith("https://")
    assert "shop: scanned by" in told("sandbox scan")
    assert json.loads(told("/sessions/shop -H"))["status"] in ("pairing", "connected")
    assert told("motte send shop").split()[1] in ("sent", "delivered", "read")
    assert json.loads(told("Prefer: wait=10"))["text"] == "You can collect it until six."
    assert "id" in json.loads(told("sandbox/messages"))
    assert "to 4915112345678" in told("motte messages shop")
    assert "Your order is ready." in told("/control/texts")
    assert "You can collect it until six." in told("/control/texts")
    assert {"front", "sandbox", "connector:shop"} <= set(told("ctl status").split())
    assert told("-X DELETE") == ""
    assert "Shut down" in told("ctl shutdown")
    assert processes_of(newcomer.folder) == []
