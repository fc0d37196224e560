"""What it costs to read the addresses in the history that a phone sends."""

import asyncio
import sys
from pathlib import Path

from tests.support.motte import Motte
from tests.support.phones import ANN, Phones

BEN = "15557654321"

#: MiB that an open session may take more than one without a history: 3, and what two processes differ by.
COSTS_WITHIN = 5.0

#: Seconds in which both come to rest.
REST = 8.0

PARTS = [
    {"named": "conversations", "more": 1000, "messageBytes": 2000},
    {"syncType": "PUSH_NAME", "more": 2000},
    {"syncType": "NON_BLOCKING_DATA", "more": 2000},
]


def proportional(pid: int) -> float:
    """The proportional set size of a process in MiB: pages that it shares count in part."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    [line] = [line for line in rollup.splitlines() if line.startswith("Pss:")]
    return int(line.split()[1]) / 1024


async def test_a_history_costs_an_open_session_hardly_any_memory(motte: Motte, phones: Phones) -> None:
    await motte.connect("shop", ANN)
    await motte.connect("cafe", BEN)
    for part in PARTS:
        await phones.send_history(ANN, **part)
    await asyncio.sleep(REST)
    shop, cafe = proportional(await motte.pid("shop")), proportional(await motte.pid("cafe"))
    sys.stdout.write(f"with a history {shop:.1f} MiB, without one {cafe:.1f} MiB\n")
    assert shop - cafe < COSTS_WITHIN
    assert await motte.messages("shop") == []
