"""Slots: how many lanes deliver at the same time, so that no webhook delays another one."""

from collections.abc import Collection

from server.webhooks.target import OpenLane, Target

#: Lanes of all webhooks that deliver at the same time.
MAX_SLOTS = 64

#: Those of them that slow webhooks may have.
MAX_SLOW_SLOTS = 32

#: Those of them that new webhooks may have, of which nothing is known yet. Each has one.
MAX_NEW_SLOTS = 16

#: New webhooks whose first answer takes longer than a second, and that are awaited without a slot.
MAX_AWAITED = 192


class Slots:
    """Hands slots out in turn, one for each webhook; slow and new webhooks leave some to the others.

    The first answer of a new webhook has a slot for a second. Hundreds that never answer would otherwise keep
    other new ones waiting for minutes.
    """

    def __init__(self) -> None:
        #: Webhooks with a lane that may try now. It is an ordered set.
        self._eager: dict[Target, None] = {}
        #: Webhooks with a lane at work.
        self._at_work: set[Target] = set()

    @property
    def working(self) -> int:
        """Slots that are taken."""
        return sum(target.working for target in self._at_work) - self._awaited()

    def want(self, target: Target) -> None:
        """Notes that a lane of the webhook may try."""
        self._eager.setdefault(target)

    def take(self) -> tuple[Target, OpenLane] | None:
        """Returns the next lane that gets a slot. None if none is free, or nobody wants one."""
        if self.working >= MAX_SLOTS:
            return None
        has_slow = self._working_slow() < MAX_SLOW_SLOTS
        has_new = self._working_new() < MAX_NEW_SLOTS
        for target in list(self._eager):
            if not (has_new if target.is_new else has_slow or not target.is_slow):
                continue
            lane = target.take()
            del self._eager[target]
            if lane is None:
                continue
            if target.ready:
                self._eager[target] = None  # behind the others
            self._at_work.add(target)
            return target, lane
        return None

    def give_back(self, target: Target, lane: OpenLane) -> None:
        """Frees the slot of a lane."""
        target.give_back(lane)
        if not target.working:
            self._at_work.discard(target)
        if target.ready:
            self.want(target)

    def forget(self, targets: Collection[Target]) -> None:
        """Passes over webhooks from now on. Their lanes at work give their slots back as ever."""
        for target in targets:
            self._eager.pop(target, None)

    def _working_slow(self) -> int:
        return sum(target.working for target in self._at_work if target.is_slow and not target.is_new)

    def _working_new(self) -> int:
        return sum(target.working for target in self._at_work if target.is_new) - self._awaited()

    def _awaited(self) -> int:
        """Returns how many new webhooks are awaited without a slot."""
        return min(sum(target.is_new and target.is_slow for target in self._at_work), MAX_AWAITED)
