"""Requests for a code that a person types on the phone."""

import asyncio
from collections.abc import Callable
from typing import Any

from server.protocol.events.base import Event
from server.protocol.events.codes import PairingCodeAwaited, PairingCodeRefused
from store.records.reason import Reason
from tests.api.conftest import Front
from tests.support.time import patience, until

NUMBER = "15551234567"

OTHER = "15557654321"

#: Seconds that nobody turns, for an answer that nothing holds up.
PROMPT = 5.0


async def ask(front: Front, number: str = NUMBER, *, status: int = 200) -> dict[str, Any]:
    response = await front.client.post("/sessions/shop/pairing-code", json={"phoneNumber": number})
    document = dict(await response.json())
    assert response.status == status, document
    return document


async def awaited(front: Front, seconds: float = 160) -> dict[str, Any]:
    """The session once its QR codes are used up, and only its pairing code is left. seconds: until then."""
    await heard(front, PairingCodeAwaited, lambda: front.time.advance(seconds))
    return await front.read(params={"refresh": "false"})


async def heard(front: Front, kind: type[Event], act: Callable[[], None]) -> None:
    """Return once the front has taken in an event of this kind, which follows from the act."""
    with front.owner.subscriptions.subscribe("shop") as subscription:
        act()
        async with patience(f"an event {kind.__name__}"):
            async for change in subscription:
                if isinstance(change.event, kind):
                    return


async def asked_in_vain(front: Front, number: str = NUMBER, *, status: int) -> asyncio.Task[dict[str, Any]]:
    """A request whose answer the connector owes, and does not give."""
    connector = front.connector()
    connector.deaf = True
    known = len(connector.commands)
    asking = asyncio.create_task(ask(front, number, status=status))
    await until(lambda: len(connector.commands) > known)
    return asking


def refuse(front: Front, code: str, *, deaf: bool = False) -> None:
    """The connector refuses the request that it owes an answer; deaf: it owes one to the next, too."""
    connector = front.connector()
    request = connector.commands[-1]["request"]
    connector.deaf = deaf
    connector.say(
        PairingCodeRefused(
            epoch=connector.epoch, request=request, reason=Reason(code, "as the test wants it")
        )
    )
