"""How much one peer may write: what is read for it never takes the event loop from the others."""

import asyncio

#: Lines that are read at once, and lines a second after that. A connector whose account receives thousands
#: of messages writes some hundreds of lines a second.
BURST_LINES = 1000
LINES_PER_SECOND = 1000
#: Bytes that count as one more line: a line of 1 MiB costs a second.
BYTES_PER_LINE = 1024
#: Lines after which others have a turn, even if the budget is not spent.
TURN_LINES = 50


class ReadBudget:
    """A token bucket of lines. What was not spent is saved up to BURST_LINES."""

    def __init__(self) -> None:
        #: Loop time, seconds: when what was read so far is paid for.
        self._paid_at = 0.0
        self._since_turn = 0
        #: Whether the peer is gone: what it left is read as fast as others allow.
        self.is_waived = False

    async def spend(self, cost: int) -> None:
        """Waits until more may be read. cost: what was read, in lines."""
        now = asyncio.get_running_loop().time()
        self._paid_at = max(self._paid_at, now - BURST_LINES / LINES_PER_SECOND) + cost / LINES_PER_SECOND
        self._since_turn += cost
        if self._paid_at > now and not self.is_waived:
            await self._rest(self._paid_at - now)
        elif self._since_turn >= TURN_LINES:
            await self._rest(0)

    async def _rest(self, seconds: float) -> None:
        self._since_turn = 0
        await asyncio.sleep(seconds)
