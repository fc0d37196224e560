"""Collects what everybody saw of a chaos of sends, and has the history checker judge it."""

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from math import inf
from time import monotonic
from typing import Any

from tests.chaos.callers import Caller
from tests.chaos.contacts import Contact
from tests.chaos.listeners import EventReader, Listeners, WebhookListener
from tests.chaos.observers import heard, log_of, recorded, shown_by_phone, shown_by_session
from tests.chaos.parties import ACCOUNT, MIRROR, MIRRORED, SHOP, Parties, linked_device, phone_of
from tests.chaos.records import check_records
from tests.chaos.scene import Scene
from tests.histories.check import check
from tests.histories.history import Consumer, History, Shown, Written
from tests.histories.outbound import copies_of
from tests.support.eventually import eventually

#: Seconds until the good webhook has every event, once everything works.
DELIVERED_WITHIN = 120.0

#: Seconds after which nothing more will come if nothing has: three times what a lost confirmation costs.
STUCK_AFTER = 60.0

#: Seconds between two looks at all messages.
LOOK_AGAIN = 0.5

#: Statuses of a message that is not sent yet, or has no receipt yet.
ON_ITS_WAY = ("queued", "handed", "sent")


async def judge(
    scene: Scene,
    parties: Parties,
    *,
    callers: Sequence[Caller],
    contacts: Sequence[Contact],
    listeners: Listeners,
    reader: EventReader,
) -> None:
    """Everything that is wrong goes into the tally."""
    texts = sum(len(caller.texts) for caller in callers) + sum(len(contact.sent) for contact in contacts)
    await _settled(scene, texts)
    log = await log_of(scene.motte)
    await _delivered(listeners.good, log)
    await reader.finish()
    messages = await scene.motte.messages(SHOP)
    outbound = recorded(messages, SHOP, via="api")
    history = History(
        posts=[post for caller in callers for post in caller.posts],
        outbound=outbound,
        shown=await _shown(scene, parties),
        audience=parties.audience(),
        written=[Written(SHOP, one.number, one.number, text) for one in contacts for text in one.sent],
        inbound=recorded(messages, SHOP, via=None),
        log=[heard(body, SHOP) for body in log],
        consumers=[
            _consumer(listeners.good),
            _consumer(listeners.failing, missed=log),
            _consumer(listeners.slow, missed=log),
            Consumer(name="the reader", kind="reader", heard=[heard(body, SHOP) for body in reader.read]),
        ],
        copies_allowed=sum(message.attempts - 1 for message in outbound if message.attempts),
    )
    for finding in check(history):
        scene.tally.find(type(finding).__name__, str(finding))
    _count(scene, history, listeners)
    await _check_rest(scene)


def _consumer(listener: WebhookListener, missed: Sequence[bytes] = ()) -> Consumer:
    """missed: events that it need not have yet."""
    return Consumer(
        name=listener.name,
        kind="webhook",
        heard=[heard(body, SHOP) for body in listener.taken],
        dead=frozenset(heard(body, SHOP).id for body in missed),
    )


async def _shown(scene: Scene, parties: Parties) -> dict[str, Sequence[Shown]]:
    shown: dict[str, Sequence[Shown]] = {
        phone_of(number): await shown_by_phone(scene.phones, number, account=ACCOUNT)
        for number in [*parties.numbers, ACCOUNT]
    }
    mirrored = await scene.motte.messages(MIRROR)
    shown[linked_device(MIRRORED)] = shown_by_session(mirrored, account=ACCOUNT, number=MIRRORED)
    return shown


async def _settled(scene: Scene, texts: int) -> None:
    """Return once every text is listed and no message is on its way, or once nothing changes any more."""
    statuses: Counter[str | None] = Counter()
    changed_at = monotonic()

    async def is_settled() -> bool:
        nonlocal statuses, changed_at
        before = statuses
        statuses = Counter(one["status"] for one in await scene.motte.messages(SHOP) if one["kind"] == "text")
        if statuses != before:
            changed_at = monotonic()
        is_over = statuses.total() >= texts and not any(statuses[status] for status in ON_ITS_WAY)
        return is_over or monotonic() - changed_at > STUCK_AFTER

    await eventually(is_settled, within=inf, every=LOOK_AGAIN)


async def _delivered(webhook: WebhookListener, log: Sequence[bytes]) -> None:
    """Return once the webhook has every event of the log, or when that takes too long."""

    async def has_all() -> bool:
        return set(webhook.taken).issuperset(log)

    with suppress(TimeoutError):
        await eventually(has_all, within=DELIVERED_WITHIN)


def _count(scene: Scene, history: History, listeners: Listeners) -> None:
    statuses = Counter(str(message.status) for message in history.outbound or ())
    for status, number in statuses.items():
        scene.tally.count("outbound", status, number)
    scene.tally.count("copies", "arrived", copies_of(history))
    scene.tally.count("copies", "explained by attempts", history.copies_allowed)
    scene.tally.count("events", "in the log", len(history.log or ()))
    for listener in listeners:
        scene.tally.count(listener.name, "events", len(set(listener.taken)))
        scene.tally.count(listener.name, "repeats", len(listener.taken) - len(set(listener.taken)))


async def _check_rest(scene: Scene) -> None:
    """Records are whole, no text is in a log, and the sandbox was asked nothing new."""
    check_records(scene.motte.folder, scene.tally)
    scene.confidences.check_logs()
    state: dict[str, Any] = await scene.phones.state()
    for query in state["unknownQueries"]:
        scene.tally.find("query that the sandbox does not know", str(query))
