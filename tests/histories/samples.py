"""A history in which nothing is wrong, small enough to be read, for tests that spoil it."""

from collections.abc import Sequence

from tests.histories.history import Consumer, Heard, History, Post, Recorded, Shown, Written

BO, GROUP = "4915112345678", "120363041234567890@g.us"

#: The devices of the history: a phone with a linked device, and the members of a group.
BOS_PHONE, BOS_LAPTOP, CY, DI = "Bo's phone", "Bo's laptop", "Cy's phone", "Di's phone"


def post(number: int, text: str, chat: str = BO) -> Post:
    """A request that was answered before the next one begins."""
    return Post(f"key-{text}", "shop", chat, text, float(number), number + 0.5, 201, f"id-{text}")


def sent(text: str, chat: str = BO, status: str = "delivered") -> Recorded:
    return Recorded(f"id-{text}", "shop", chat, text, status)


def shown(*texts: str, chat: str = BO) -> list[Shown]:
    return [Shown(chat, f"id-{text}", text) for text in texts]


def status(text: str, status: str) -> Heard:
    name = f"evt-{text}-{status}"
    return Heard(name, "shop", "message.status", name.encode(), f"id-{text}", status=status)


def received(text: str, session: str = "shop") -> Heard:
    name = f"evt-{text}"
    return Heard(name, session, "message.received", name.encode(), f"id-{text}", text)


LOG: Sequence[Heard] = (
    received("hi"),
    status("a", "sent"),
    status("a", "delivered"),
    received("there"),
    status("b", "sent"),
    received("ho", session="bar"),
    status("b", "delivered"),
    status("all", "sent"),
    status("all", "delivered"),
)

GOOD = History(
    posts=[post(1, "a"), post(2, "b"), post(3, "all", GROUP)],
    outbound=[sent("a"), sent("b"), sent("all", GROUP)],
    shown={
        BOS_PHONE: [*shown("a", "b"), *shown("all", chat=GROUP)],
        BOS_LAPTOP: [*shown("a", "b"), *shown("all", chat=GROUP)],
        CY: shown("all", chat=GROUP),
        DI: shown("all", chat=GROUP),
    },
    audience={
        ("shop", BO): (BOS_PHONE, BOS_LAPTOP),
        ("shop", GROUP): (BOS_PHONE, BOS_LAPTOP, CY, DI),
    },
    written=[
        Written("shop", BO, BO, "hi"),
        Written("shop", BO, BO, "there"),
        Written("bar", BO, BO, "ho"),
    ],
    inbound=[
        Recorded("id-hi", "shop", BO, "hi"),
        Recorded("id-there", "shop", BO, "there"),
        Recorded("id-ho", "bar", BO, "ho"),
    ],
    log=LOG,
    consumers=[
        Consumer(name="the webhook", kind="webhook", heard=LOG),
        Consumer(name="the reader", kind="reader", heard=LOG),
    ],
)
