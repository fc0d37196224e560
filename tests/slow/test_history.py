"""What it costs to read the addresses in the history that a phone sends."""

import asyncio
import sys
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from tests.support.eventually import eventually
from tests.support.motte import Motte
from tests.support.phones import Phones

#: MiB that an open session may take more than one that got a message and no history.
COSTS_WITHIN = 3.0

#: Sessions with each history. One alone may be in the middle of collecting its garbage.
EACH = 3

#: Seconds in which all come to rest.
REST = 8.0

#: The parts that phones send. The heavy ones have 38 MB once they are inflated, and 16,000 pairs.
HISTORIES: dict[str, list[dict[str, Any]]] = {
    "none": [],
    "ordinary": [
        {"named": "conversations", "more": 1000, "messageBytes": 2000},
        {"syncType": "PUSH_NAME", "more": 2000},
        {"syncType": "NON_BLOCKING_DATA", "more": 2000},
    ],
    "heavy": [
        {"named": "conversations", "more": 3000, "messageBytes": 2000},
        {"syncType": "PUSH_NAME", "more": 5000},
        {"syncType": "NON_BLOCKING_DATA", "more": 5000},
        {"named": "conversations", "more": 3000, "messageBytes": 2000, "padding": 20},
    ],
}


def proportional(pid: int) -> float:
    """The proportional set size of a process in MiB: pages that it shares count in part."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    [line] = [line for line in rollup.splitlines() if line.startswith("Pss:")]
    return int(line.split()[1]) / 1024


async def test_a_history_costs_an_open_session_three_mebibytes_at_most(motte: Motte, phones: Phones) -> None:
    sessions = {f"{name}-{n}": name for name in HISTORIES for n in range(EACH)}
    numbers = {session: f"1555000{n:04}" for n, session in enumerate(sessions)}
    for session, number in numbers.items():
        await motte.connect(session, number)
    for session, name in sessions.items():
        for part in HISTORIES[name]:
            await phones.send_history(numbers[session], **part)
        await phones.write("after the history", to=numbers[session])
        await eventually(partial(motte.messages, session))
    await asyncio.sleep(REST)
    sizes: dict[str, list[float]] = {name: [] for name in HISTORIES}
    for session, name in sessions.items():
        sizes[name].append(proportional(await motte.pid(session)))
        assert [message["text"] for message in await motte.messages(session)] == ["after the history"]
    costs = {name: median(found) - median(sizes["none"]) for name, found in sizes.items()}
    sys.stdout.write(", ".join(f"{name}: {cost:.1f} MiB more" for name, cost in costs.items()) + "\n")
    assert max(costs.values()) < COSTS_WITHIN
