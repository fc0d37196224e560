"""Slots: no webhook takes those of the others."""

from server.webhooks.schedule import Attempt
from server.webhooks.slots import MAX_AWAITED, MAX_NEW_SLOTS, MAX_SLOTS, MAX_SLOW_SLOTS, Slots
from server.webhooks.target import MAX_LANES, OpenLane, Target
from store.records.webhooks import Webhook

SLOW = Attempt(status=200, seconds=5)
FAST = Attempt(status=200, seconds=0.01)
BROKEN = Attempt(error="refused")


def target(name: str, sessions: int = 20, *, is_slow: bool = False, is_new: bool = False) -> Target:
    """A webhook with an event in each of its lanes."""
    made = Target(Webhook(id=name, url="", secret="", give_up_after=1, created_at=1), (), ())
    assert made.is_new
    made.is_slow, made.is_new = is_slow, is_new
    for number in range(sessions):
        lane = made.lane(str(number))
        lane.newest = 1
        made.add_ready(lane)
    return made


def taken(slots: Slots) -> list[tuple[Target, OpenLane]]:
    """Everything that gets a slot now."""
    found = []
    while (one := slots.take()) is not None:
        found.append(one)
    return found


def slots_for(*targets: Target) -> Slots:
    slots = Slots()
    for one in targets:
        slots.want(one)
    return slots


def test_a_webhook_has_eight_lanes_at_most() -> None:
    assert len(taken(slots_for(target("a")))) == MAX_LANES == 8


def test_there_are_sixty_four_slots() -> None:
    slots = slots_for(*(target(str(number)) for number in range(20)))

    assert len(taken(slots)) == MAX_SLOTS == 64
    assert slots.working == MAX_SLOTS


def test_slow_webhooks_leave_half_of_the_slots_to_the_others() -> None:
    slots = slots_for(*(target(str(number), is_slow=True) for number in range(100)))

    assert len(taken(slots)) == MAX_SLOW_SLOTS
    good = target("good")
    slots.want(good)
    assert [one for one, _ in taken(slots)] == [good] * MAX_LANES


def test_new_webhooks_have_sixteen_slots_and_one_each() -> None:
    slots = slots_for(*(target(str(number), is_new=True) for number in range(100)))

    found = taken(slots)
    assert len({one for one, _ in found}) == len(found) == MAX_NEW_SLOTS == 16
    slots.want(target("good", sessions=1))
    assert len(taken(slots)) == 1


def test_a_new_webhook_that_does_not_answer_for_a_second_leaves_its_slot_to_the_next_one() -> None:
    slots = slots_for(*(target(str(number), sessions=1, is_new=True) for number in range(300)))

    found = taken(slots)
    while len(found) < MAX_AWAITED + MAX_NEW_SLOTS:
        for one, _ in found:
            one.mark_slow()
        next_ones = taken(slots)
        assert len(next_ones) == MAX_NEW_SLOTS
        found += next_ones
    assert slots.working == MAX_NEW_SLOTS
    for one, _ in found:
        one.mark_slow()
    assert taken(slots) == [], "so many are awaited, and no more"
    first, lane = found[0]
    first.note(lane, SLOW)
    slots.give_back(first, lane)
    assert len(taken(slots)) == 1


def test_each_webhook_gets_a_slot_before_another_gets_a_second_one() -> None:
    targets = [target(str(number)) for number in range(40)]

    assert [one for one, _ in taken(slots_for(*targets))][:40] == targets


def test_a_lane_that_was_served_stands_behind_the_others() -> None:
    one = target("a", sessions=10)
    slots = slots_for(one)
    first = taken(slots)[0][1]

    slots.give_back(one, first)
    one.add_ready(first)
    slots.want(one)

    assert [lane.session_id for _, lane in taken(slots)] == ["8"]
    assert [lane.session_id for lane in one.ready] == ["9", "0"]


def test_a_webhook_is_slow_after_one_slow_answer_and_no_longer_after_a_fast_one() -> None:
    one = target("a")
    lane = one.lane("0")

    one.note(lane, SLOW)
    assert one.is_slow
    one.note(lane, FAST)
    assert not one.is_slow


def test_a_webhook_is_down_after_three_failures_of_two_lanes() -> None:
    one = target("a")
    for number in ("0", "0", "1"):
        assert not one.is_down
        one.note(one.lane(number), BROKEN)

    assert one.is_down
    assert one.take() is None
    one.may_probe = True
    assert one.take() is not None
    assert one.take() is None, "one lane alone"
    one.note(one.lane("0"), FAST)
    assert not one.is_down


def test_one_lane_alone_puts_no_webhook_down() -> None:
    one = target("a")
    for _ in range(10):
        one.note(one.lane("0"), BROKEN)

    assert one.is_failing
    assert not one.is_down


def test_refused_events_put_no_webhook_down() -> None:
    one = target("a")
    for number in range(10):
        one.note(one.lane(str(number)), Attempt(status=404, error="HTTP 404"))

    assert not one.is_failing


def test_a_probe_takes_the_lane_with_the_fewest_failures() -> None:
    one = target("a", sessions=3)
    for number in ("0", "0", "1"):
        one.note(one.lane(number), BROKEN)
        one.lane(number).move(tries=one.lane(number).stored.tries + 1)
    one.may_probe = True

    lane = one.take()

    assert lane is not None
    assert lane.session_id == "2"
