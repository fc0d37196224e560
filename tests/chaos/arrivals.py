"""What arrived in a chaos of texts that come: judged by the history checker, and measured."""

import statistics
from collections.abc import Sequence
from contextlib import suppress

import msgspec

from tests.chaos.contacts import Contact
from tests.chaos.listeners import WebhookListener
from tests.chaos.observers import heard, log_of, recorded
from tests.chaos.records import check_records
from tests.chaos.scene import Scene
from tests.histories.check import check
from tests.histories.history import Consumer, Heard, History, Written
from tests.support.eventually import eventually
from tests.support.moments import moment

#: Seconds until a webhook that works has every event.
REACHES_WITHIN = 240.0

#: Seconds. The bar for the 95th percentile of the good webhook's lag, without those of a front that was away.
LAG = 2.0


class _Event(msgspec.Struct):
    id: str
    timestamp: str


class Arrivals:
    """What was written, and where it has arrived."""

    def __init__(self, scene: Scene, contacts: Sequence[Contact]) -> None:
        self._scene = scene
        self._contacts = contacts

    async def log(self) -> list[bytes]:
        return await log_of(self._scene.motte)

    async def reached(self, webhook: WebhookListener) -> None:
        """Return once the webhook has every event, or when that takes too long."""
        texts = sum(len(contact.sent) for contact in self._contacts)
        seen = 0
        bodies: set[bytes] = set()

        async def has_all() -> bool:
            nonlocal seen
            bodies.update(webhook.taken[seen:])
            seen = len(webhook.taken)
            return len(bodies) >= texts and bodies.issuperset(await self.log())

        with suppress(TimeoutError):
            await eventually(has_all, within=REACHES_WITHIN, every=0.5)

    def check_behind(self, log: Sequence[bytes], *webhooks: WebhookListener) -> None:
        """Finds gaps in what webhooks have so far that are behind."""
        self._find(log, [_consumer(webhook, is_behind=True) for webhook in webhooks])
        for webhook in webhooks:
            self._scene.tally.count(webhook.name, "events before it worked", len(set(webhook.taken)))

    async def judge(self, *webhooks: WebhookListener) -> None:
        """Finds what is wrong with the messages, the log, and what webhooks have at the end."""
        inbound = [
            message
            for contact in self._contacts
            for message in recorded(
                await self._scene.motte.messages(contact.session_id), contact.session_id, via=None
            )
        ]
        log = await self.log()
        self._find(log, [_consumer(webhook) for webhook in webhooks], inbound=inbound)
        self._scene.tally.count("events", "in the log", len(log))
        for webhook in webhooks:
            self._scene.tally.count(webhook.name, "events", len(set(webhook.taken)))
            self._scene.tally.count(webhook.name, "repeats", len(webhook.taken) - len(set(webhook.taken)))
        check_records(self._scene.motte.folder, self._scene.tally)
        self._scene.confidences.check_logs()

    def measure(self, webhook: WebhookListener) -> None:
        """Holds the time from each event to its first delivery against the bar."""
        lags: dict[str, float] = {}
        for body, came in zip(webhook.taken, webhook.times, strict=True):
            event = msgspec.json.decode(body, type=_Event)
            happened = moment(event.timestamp)
            lags.setdefault(event.id, came - happened - self._scene.absence.within(happened, came))
        p50, p95 = (statistics.quantiles(lags.values(), n=100)[at - 1] for at in (50, 95))
        for name, lag in (("p50", p50), ("p95", p95), ("longest", max(lags.values()))):
            self._scene.tally.count("lag in ms", name, round(lag * 1000))
        if p95 >= LAG:
            self._scene.tally.find("late", f"the good webhook waits {p95:.1f} s (p95)")

    def _find(self, log: Sequence[bytes], consumers: list[Consumer], **others: object) -> None:
        history = History(
            written=[
                Written(contact.session_id, contact.number, contact.number, text)
                for contact in self._contacts
                for text in contact.sent
            ],
            log=[heard(body) for body in log],
            consumers=consumers,
            **others,  # type: ignore[arg-type]
        )
        for finding in check(history):
            self._scene.tally.find(type(finding).__name__, str(finding))


def _consumer(webhook: WebhookListener, *, is_behind: bool = False) -> Consumer:
    events: list[Heard] = [heard(body) for body in webhook.taken]
    return Consumer(name=webhook.name, kind="webhook", heard=events, is_behind=is_behind)
