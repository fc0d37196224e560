"""A short chaos; `make chaos` is a long one."""

import sys

from tests.chaos.chaos import Crew, run
from tests.soak.tally import Tally


async def test_kills_of_everything_lose_no_message_and_no_pairing_and_leave_nothing() -> None:
    tally = Tally()
    await run(tally, Crew(kills=8, sessions=3, calm_kills=1, pause=0.8, seed=7))
    sys.stdout.write(tally.told())  # shown where the test has failed
    assert tally.is_clean
