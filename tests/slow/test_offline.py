"""What waits for a session that was away: thousands of messages, half of them in groups."""

import asyncio
import sys
from pathlib import Path
from time import perf_counter

from tests.support.motte import Motte
from tests.support.phones import ANN, Phones

COUNT = 4_000
SENDERS = 400
GROUPS = 20

#: Seconds from the start of the connector until the last message is stored, and MB that it may take at most.
ALL_WITHIN = 30.0
MEMORY_WITHIN = 200.0


def peak(pid: int) -> float:
    """The most resident memory that a process ever had, in MB."""
    status = Path(f"/proc/{pid}/status").read_text()
    [line] = [line for line in status.splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1]) / 1000


async def write_all(phones: Phones) -> list[tuple[str, str]]:
    """Senders take turns, each once in its group and once alone; what they wrote, as (chat, text)."""
    senders = [str(491_520_000_000 + n) for n in range(SENDERS)]
    size = SENDERS // GROUPS
    groups = [
        await phones.make_group(ANN, *senders[n * size : (n + 1) * size], addressing="lid" if n % 2 else "pn")
        for n in range(GROUPS)
    ]
    wanted = []
    for n in range(COUNT):
        index = n % SENDERS
        is_group = (n // SENDERS) % 2 == 0
        text = f"text {n}"
        if is_group:
            await phones.write_to_group(groups[index // size], text, phone=senders[index])
            wanted.append((groups[index // size], text))
        else:
            await phones.write(text, phone=senders[index], byLid=index % 2 == 1)
            wanted.append((f"{senders[index]}@s.whatsapp.net", text))
    return wanted


async def stored(motte: Motte, count: int) -> list[tuple[str, str]]:
    """The first messages, as a program reads them that asks again and again."""
    found: list[tuple[str, str]] = []
    params = {"limit": "200"}
    while len(found) < count:
        page = (await motte.ask("GET", "/sessions/shop/messages", params=params)).session()
        found += [(message["chat"], message["text"]) for message in page["items"]]
        params["after"] = page["nextCursor"]
        await asyncio.sleep(0.05)
    return found


async def test_thousands_of_messages_that_waited_arrive_in_order_once_soon_and_in_little_memory(
    motte: Motte, phones: Phones
) -> None:
    await motte.connect()
    await motte.tell("shop", "stop")
    wanted = await write_all(phones)
    begun = perf_counter()
    await motte.tell("shop", "start")
    async with asyncio.timeout(4 * ALL_WITHIN):
        found = await stored(motte, COUNT)
    span = perf_counter() - begun
    memory = peak(await motte.pid())
    sys.stdout.write(
        f"{COUNT} messages of {SENDERS} senders, half of them in {GROUPS} groups: {span:.1f} s, "
        f"{COUNT / span:.0f} a second, peak {memory:.0f} MB\n"
    )
    assert found == wanted
    assert len(await motte.messages()) == COUNT
    assert span < ALL_WITHIN
    assert memory < MEMORY_WITHIN
