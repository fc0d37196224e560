"""WhatsApp on a bad day: faults of the sandbox that come and go."""

import asyncio
from random import Random
from time import monotonic
from typing import Any

from tests.soak.tally import Tally
from tests.support.phones import Phones

#: Seconds of peace between two spells, and of a spell.
PEACE = (2.0, 6.0)
SPELL = (0.5, 4.0)

#: What comes in spells. Those that come more often stand here more often.
SPELLS: tuple[dict[str, Any], ...] = (
    {"refuse": True},
    {"refuse": {"value": True, "times": 5}},
    {"upgradeStatus": 503},
    {"noRefs": True},
    {"hangUpgrade": True},
    {"hangHandshake": True},
    {"halfDead": True},
    {"mute": True},
    {"delayRefs": 2},
    {"dropAfterScan": True},
    {"streamErrorOnLogin": "503"},
)

#: One spell in so many is a moment instead, in which every connection is cut, or falls silent for good.
CUT_EVERY = 4
FREEZE_EVERY = 12


class Weather:
    """Makes WhatsApp misbehave until it is cancelled."""

    def __init__(self, phones: Phones, tally: Tally, random: Random) -> None:
        self._phones = phones
        self._tally = tally
        self._random = random
        #: When the last spell ended or connections fell silent; monotonic.
        self._last_silence = float("-inf")

    def was_silent_within(self, span: float) -> bool:
        """Whether a connection may have died of late without a sign. span: seconds."""
        return monotonic() - self._last_silence < span

    async def run(self) -> None:
        while True:
            await asyncio.sleep(self._random.uniform(*PEACE))
            if self._random.randrange(FREEZE_EVERY) == 0:
                await self._freeze()
            elif self._random.randrange(CUT_EVERY) == 0:
                await self._cut()
            else:
                await self._misbehave(self._random.choice(SPELLS))

    async def _freeze(self) -> None:
        self._tally.count("faults", "freeze")
        self._last_silence = monotonic()
        await self._phones.freeze()

    async def _cut(self) -> None:
        self._tally.count("faults", "drop")
        await self._phones.drop()

    async def _misbehave(self, faults: dict[str, Any]) -> None:
        self._tally.count("faults", next(iter(faults)))
        await self._phones.misbehave(**faults)
        try:
            await asyncio.sleep(self._random.uniform(*SPELL))
        finally:
            await self._phones.misbehave()
