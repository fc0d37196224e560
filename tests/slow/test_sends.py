"""Short chaoses of sends; `make sends` is a long one."""

import sys

from tests.chaos.parties import MIRRORED, linked_device
from tests.chaos.sends import Plan, run
from tests.soak.tally import Tally

#: A contact with a linked device and a group get all texts: a text is lost if its key was used before.
#: Kills come right after a message has left.
AT_MESSAGES = Plan(sends=200, kills=12, chats=2, members=4, seed=7, at_messages=1.0)


async def played(plan: Plan) -> Tally:
    tally = Tally(keeps_logs=plan.has_sealing)
    await run(tally, plan)
    sys.stdout.write(tally.told())  # shown where the test has failed
    return tally


async def test_texts_are_shown_once_and_in_order_through_kills_of_everything_and_lost_confirmations() -> None:
    assert (await played(Plan(sends=50, kills=5, chats=5, members=6, seed=7))).is_clean


async def test_kills_right_after_messages_have_left_lose_no_text() -> None:
    assert (await played(AT_MESSAGES)).is_clean


async def test_the_same_kills_lose_texts_if_keys_are_saved_after_a_message_has_left() -> None:
    """So the kills meet the moment, and the checker sees what they do."""
    lost = (await played(AT_MESSAGES._replace(has_sealing=False))).findings("Lost")
    assert any(linked_device(MIRRORED) in finding for finding in lost)
