"""A short chaos of sends; `make sends` is a long one."""

import sys

from tests.chaos.sends import Plan, run
from tests.soak.tally import Tally


async def test_texts_are_shown_once_and_in_order_through_kills_of_everything_and_lost_confirmations() -> None:
    tally = Tally()
    await run(tally, Plan(sends=50, kills=5, chats=5, members=6, seed=7))
    sys.stdout.write(tally.told())  # shown where the test has failed
    assert tally.is_clean
