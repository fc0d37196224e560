"""Texts of one session, out and in, next to bare Baileys; and what a request to send takes."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from bench.baseline import Baseline
from bench.message_counts import Counts, counting, until
from bench.rows import Row, Samples
from bench.stage import Stage, opened
from tests.capacity.census import Census

#: What bare_messages.mjs does.
MEMORY = "bare_messages.mjs, bare Baileys with keys in memory"
SQLITE = "bare_messages.mjs, bare Baileys with keys in SQLite"

OUT: dict[str, Any] = {"unit": "texts/s", "direction": "at-least"}
TIME: dict[str, Any] = {"unit": "ms", "direction": "at-most"}

ROWS = (
    Row(
        name="texts-out",
        what="texts of one session to 20 chats, from the first request to the last confirmation",
        goal=0.5,
        against=MEMORY,
        **OUT,
    ),
    Row(name="texts-out-rate", what="the same, without a baseline", goal=100, **OUT),
    Row(
        name="texts-out-to-disk", what="the same, against keys on the disk", goal=None, against=SQLITE, **OUT
    ),
    Row(name="texts-out-one-chat", what="the same to one chat", goal=None, against=MEMORY, **OUT),
    Row(
        name="texts-in",
        what="texts that waited for a session, first to last",
        goal=1.2,
        against=MEMORY,
        **OUT,
    ),
    Row(name="send-cpu-front", what="processor time of the front for one of these texts", goal=None, **TIME),
    Row(name="send-cpu-connector", what="the same of the connector", goal=None, against=MEMORY, **TIME),
    Row(name="post-p50", what="request to send, 40 a second, the median", goal=5, **TIME),
    Row(name="post-p95", what="the same, the 95th percentile", goal=None, **TIME),
)

BUDGET = 50

ROUNDS = 5

#: Chats, texts to each of them in one round, and to the one chat.
CHATS, EACH, TO_ONE = 20, 15, 100

#: Texts that wait for a session.
WAITING = 300

#: Requests in one round, and seconds between two of them.
POSTS, PAUSE = 60, 0.025

#: The numbers of the accounts, and of those who get their texts.
OWN, IN_MEMORY, IN_SQLITE = "15550000001", "15550000002", "15550000003"
CONTACTS = [f"491510000{number:04}" for number in range(CHATS)]


async def measure(samples: Samples) -> None:
    """Fills the rows."""
    async with (
        opened(MOTTE_SEND_RATE="0", MOTTE_NEW_CHAT_RATE="0") as stage,
        _bare(stage) as (memory, sqlite),
    ):
        await stage.motte.connect("shop", OWN)
        with counting(stage) as counts:
            await _meet(stage, memory, sqlite, counts)
            for _ in range(ROUNDS):
                await _out(stage, memory, sqlite, samples, counts)
                await _out_to_one(stage, memory, samples, counts)
                await _posts(stage, samples, counts)
                await _in(stage, memory, samples, counts)


@asynccontextmanager
async def _bare(stage: Stage) -> AsyncGenerator[tuple[Baseline, Baseline]]:
    """Yields two bare connections: keys in memory, and in SQLite."""
    async with AsyncExitStack() as stack:
        file = Path(stack.enter_context(TemporaryDirectory())) / "keys.db"
        memory = await stack.enter_async_context(stage.bare("bare_messages.mjs", IN_MEMORY))
        sqlite = await stack.enter_async_context(stage.bare("bare_messages.mjs", IN_SQLITE, str(file)))
        yield memory, sqlite


async def _meet(stage: Stage, memory: Baseline, sqlite: Baseline, counts: Counts) -> None:
    """Everybody has written to everybody: nobody is looked up, and Signal sessions are there."""
    for account in (OWN, IN_MEMORY, IN_SQLITE):
        await _write(stage, account, CHATS)
    await until(lambda: counts.received() == CHATS)
    for baseline in (memory, sqlite):
        await _sent(baseline, CONTACTS, 1)
    await _send(stage, CONTACTS, 1, counts)


async def _out(stage: Stage, memory: Baseline, sqlite: Baseline, samples: Samples, counts: Counts) -> None:
    number = CHATS * EACH
    before = Census.take(stage.serve.folder)
    rate = number / await _send(stage, CONTACTS, EACH, counts)
    after = Census.take(stage.serve.folder)
    for name in ("texts-out", "texts-out-rate", "texts-out-to-disk"):
        samples.add(name, rate)
    for role in ("front", "connector"):
        samples.add(f"send-cpu-{role}", (_cpu(after, role) - _cpu(before, role)) * 1000 / number)
    seconds, cpu = await _sent(memory, CONTACTS, EACH)
    samples.add_baseline("texts-out", number / seconds)
    samples.add_baseline("send-cpu-connector", cpu * 1000 / number)
    seconds, _ = await _sent(sqlite, CONTACTS, EACH)
    samples.add_baseline("texts-out-to-disk", number / seconds)


async def _out_to_one(stage: Stage, memory: Baseline, samples: Samples, counts: Counts) -> None:
    samples.add("texts-out-one-chat", TO_ONE / await _send(stage, CONTACTS[:1], TO_ONE, counts))
    seconds, _ = await _sent(memory, CONTACTS[:1], TO_ONE)
    samples.add_baseline("texts-out-one-chat", TO_ONE / seconds)


async def _send(stage: Stage, contacts: Sequence[str], each: int, counts: Counts) -> float:
    """Sends texts, one caller a chat. Returns the seconds until WhatsApp has confirmed all."""

    async def call(contact: str) -> None:
        for number in range(each):
            await _post(stage, contact, f"text {number}")

    begun = perf_counter()
    await asyncio.gather(*(call(contact) for contact in contacts))
    await until(lambda: counts.unsent() == 0)
    return perf_counter() - begun


async def _post(stage: Stage, contact: str, text: str) -> None:
    answer = await stage.motte.ask("POST", "/sessions/shop/messages", json={"to": contact, "text": text})
    assert answer.status == 201, answer.body


async def _sent(baseline: Baseline, contacts: Sequence[str], each: int) -> tuple[float, float]:
    """Has the baseline send as much. Returns its seconds, and those of a core."""
    await baseline.ask(chats=[f"{contact}@s.whatsapp.net" for contact in contacts], each=each)
    sent = await baseline.until("sent")
    return sent["seconds"], sent["cpu"]


async def _posts(stage: Stage, samples: Samples, counts: Counts) -> None:
    """Measures requests, one after the other, while their messages are sent."""
    spans = []
    for number in range(POSTS):
        begun = perf_counter()
        await _post(stage, CONTACTS[number % CHATS], f"text {number}")
        spans.append((perf_counter() - begun) * 1000)
        await asyncio.sleep(max(0.0, begun + PAUSE - perf_counter()))
    samples.add("post-p50", median(spans))
    samples.add("post-p95", quantiles(spans, n=20)[-1])
    await until(lambda: counts.unsent() == 0)


async def _in(stage: Stage, memory: Baseline, samples: Samples, counts: Counts) -> None:
    """Texts wait while nobody is connected, and come as fast as they are taken."""
    before = counts.received()
    await stage.motte.tell("shop", "stop")
    await _write(stage, OWN, WAITING)
    await stage.motte.tell("shop", "start")
    await until(lambda: counts.received() > before)
    begun = perf_counter()
    await until(lambda: counts.received() == before + WAITING)
    samples.add("texts-in", WAITING / (perf_counter() - begun))
    await stage.motte.until("connected")
    await memory.ask(pause=True)
    await memory.until("paused")
    await _write(stage, IN_MEMORY, WAITING)
    await memory.ask(receive=WAITING)
    samples.add_baseline("texts-in", WAITING / float(await memory.until("received")))


async def _write(stage: Stage, account: str, number: int) -> None:
    """The contacts write so many texts to an account."""
    for index in range(number):
        await stage.phones.write(f"text {index}", phone=CONTACTS[index % CHATS], to=account)


def _cpu(census: Census, role: str) -> float:
    return sum(process.cpu for process in census.of(role))
