"""`motte front` next to a running gateway."""

import asyncio
import signal

from tests.slow.second import SecondFront
from tests.support.motte import Motte


async def test_ctrl_c_stops_a_second_front_with_0(motte: Motte) -> None:
    async with SecondFront.beside(motte.serve) as front:
        front.signal(signal.SIGINT)
        assert await asyncio.to_thread(front.exit_code) == 0
