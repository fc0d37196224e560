"""Many sessions of one Motte that are open, or show codes."""

import asyncio

from bench.stage import Stage

#: How many are being paired at once.
AT_ONCE = 4


async def shown(stage: Stage, first: int, end: int) -> dict[str, str]:
    """Creates sessions with these numbers, all at once. Returns their codes."""
    names = [f"session-{number:03}" for number in range(first, end)]
    made = await asyncio.gather(*(stage.motte.create(name) for name in names))
    return {name: session["qrCode"] for name, session in zip(names, made, strict=True)}


async def paired(stage: Stage, codes: dict[str, str]) -> list[str]:
    """Has a phone of its own scan each code. Returns the sessions once all are open."""
    places = asyncio.Semaphore(AT_ONCE)

    async def scan(session_id: str, code: str) -> None:
        async with places:
            await stage.phones.scan(code, phone_of(session_id))
            await stage.motte.until("connected", session_id)

    await asyncio.gather(*(scan(*each) for each in codes.items()))
    return list(codes)


def phone_of(session_id: str) -> str:
    """Returns the number of the phone that scans this session's code."""
    return f"1555{int(session_id.rpartition('-')[2]):07}"
