"""Failed tries of a webhook that was changed since: its new server has refused nothing."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from store.records.webhooks import Lane, Progress
from store.sqlite.store import SqliteStore
from tests.store.event_samples import happened, log
from tests.store.webhook_samples import HOOK, dead, lane


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({}, {"url": "https://b.example/"}),
        ({}, {"headers": {"Authorization": "Bearer other"}}),
        ({"disabled": "it answered 410"}, {"disabled": None}),
    ],
)
async def test_a_webhook_that_may_take_more_begins_with_no_failed_tries_and_keeps_its_place(
    two: SqliteStore, before: Mapping[str, Any], after: Mapping[str, Any]
) -> None:
    await two.webhooks.add(replace(HOOK, **before), most=1)
    await log(two, "a", happened(), happened())
    await two.webhooks.keep(lane(1, tries=2, next_at=99, error="HTTP 400"))

    await two.webhooks.change("wh_1", lambda webhook: replace(webhook, **after))

    [found] = await two.webhooks.lanes("wh_1")
    assert found == Lane(webhook_id="wh_1", session_id="a", done=1, version=1)


async def test_other_changes_of_a_webhook_leave_its_tries(two: SqliteStore) -> None:
    await two.webhooks.add(HOOK, most=1)
    await log(two, "a", happened(), happened())
    await two.webhooks.keep(lane(1, tries=2, next_at=99, error="HTTP 400"))
    [known] = await two.webhooks.lanes("wh_1")

    for changes in ({"types": None}, {"sessions": ("a",)}, {"give_up_after": 5}, {"disabled": "a caller"}):
        await two.webhooks.change("wh_1", lambda webhook, now=changes: replace(webhook, **now))  # type: ignore[misc]

    assert await two.webhooks.lanes("wh_1") == [known]


async def test_a_try_that_began_at_another_url_moves_no_lane_and_kills_no_event(two: SqliteStore) -> None:
    """Neither in a lane that is stored nor in one that is not: both go on where the store has them."""
    await two.webhooks.add(HOOK, most=1)
    await log(two, "a", happened(), happened())
    await log(two, "b", happened())
    await two.webhooks.keep(lane(1))

    await two.webhooks.change("wh_1", lambda webhook: replace(webhook, url="https://b.example/"))
    late = lane(2)
    late.lanes["wh_1", "b"] = Lane(webhook_id="wh_1", session_id="b", done=3)
    late.dead += [(dead(2), 0), (dead(3, session_id="b"), 0)]
    await two.webhooks.keep(late)
    await two.webhooks.keep(
        Progress(lanes={("wh_1", "b"): replace(late.lanes["wh_1", "b"], done=0, tries=2)})
    )

    found = {one.session_id: one for one in await two.webhooks.lanes("wh_1")}
    assert {name: (one.done, one.tries) for name, one in found.items()} == {"a": (1, 0), "b": (0, 0)}
    assert await two.webhooks.count_dead() == 0
