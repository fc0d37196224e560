"""Which program connectors run."""

from pathlib import Path

from server.core.bundle import BUNDLE
from tests.support.motte import Motte
from tests.support.phones import Phones


async def test_a_connector_runs_the_bundle_before_and_after_a_scan(motte: Motte, phones: Phones) -> None:
    created = await motte.create()
    assert f"connector/{BUNDLE}" in command_line(await motte.pid())
    await phones.scan(created["qrCode"])
    await motte.until("connected")
    assert f"connector/{BUNDLE}" in command_line(await motte.pid())


def command_line(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_text()
