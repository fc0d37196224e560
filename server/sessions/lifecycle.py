"""Steps that stop and start the connector of a session. Their callers hold the session, unless it says so."""

import asyncio
from contextlib import ExitStack

from server.core.errors import ConflictingState, ConnectorCrashed, NoSuchSession, StoreOutOfOrder
from server.domain.client_requests import check_request
from server.domain.states import OVER, UNPAIRED, Happening, after
from server.protocol.events.link import Closed, LoggedOut
from server.protocol.events.process import Ended
from server.protocol.exit_codes import NO_ROOM
from server.sessions.logout import UNCONFIRMED
from server.sessions.parts import SessionParts
from server.sessions.subscriptions import Change, Subscription
from store.records.sessions import Session, Status

#: Seconds until the end of a stopped connector has come up its pipe. It comes in milliseconds.
END_EVENT_TIMEOUT_SECONDS = 2.0


async def rest(parts: SessionParts, session_id: str) -> None:
    """Stops the connector and waits until all that it said before its end is taken in."""
    with parts.subscriptions.subscribe(session_id) as subscription:
        if not await parts.connectors.rest(session_id):
            return
        try:
            async with asyncio.timeout(END_EVENT_TIMEOUT_SECONDS):
                async for change in subscription:
                    if isinstance(change.event, Ended):
                        return
        except TimeoutError:
            return


async def begin_again(parts: SessionParts, session_id: str, *, only_from: Status | None = None) -> None:
    """Stops the connector and starts it. Holds the session itself.

    only_from: does nothing if the session has another status. After a failure, returns once the new try has
    a result; raises ConflictingState if that failed too.
    """
    with ExitStack() as stack:
        async with parts.connectors.hold(session_id):
            session = await parts.sessions.require(session_id)
            if only_from not in (None, session.status):
                return
            if after(session.status, await _happening(parts, session)) in UNPAIRED:
                _check_pairing(parts, session)
            await rest(parts, session_id)
            happening = await _happening(parts, await parts.sessions.require(session_id))
            await parts.state_machine.ask(session_id, happening)
            subscription = stack.enter_context(parts.subscriptions.subscribe(session_id))
            await parts.connectors.wake(session_id)
        if happening is Happening.RETRY_ASKED:
            await _check_result(subscription)


async def forget_account(parts: SessionParts, session_id: str) -> Session:
    """Moves the credentials to the trash; WhatsApp is not asked. Holds the session itself.

    Returns the session without its account. Nothing is discarded during a cool-down, or if there is no room
    for its process: raises what `CoolDowns.check` and `Admission.check_another` raise.
    """
    async with parts.connectors.hold(session_id):
        session = await parts.sessions.require(session_id)
        check_request(session, Happening.FORGET_ASKED)
        _check_pairing(parts, session)
        await rest(parts, session_id)
        await parts.connectors.set_aside(session_id)
        return await parts.state_machine.ask(session_id, Happening.FORGET_ASKED)


async def wipe(parts: SessionParts, session_id: str) -> None:
    """Removes the credentials of a session whose connector did not: a logout keeps none."""
    await rest(parts, session_id)
    await parts.connectors.make(session_id)
    session = await parts.sessions.require(session_id)
    logged_out = LoggedOut(epoch=session.epoch, seq=session.have + 1, reason=UNCONFIRMED)
    await parts.state_machine.apply(session_id, logged_out)


def _check_pairing(parts: SessionParts, session: Session) -> None:
    """Called before anything is done: a code may live, and nobody could link the session again now.

    The process that the session has makes room for the next one.
    """
    parts.cool_downs.check(session)
    if not parts.connectors.is_answered(session.id):
        parts.admission.check_another()


async def _happening(parts: SessionParts, session: Session) -> Happening:
    """What a restart means: after a failure, linked credentials get another try.

    A file that cannot be read may hold them, and lost ones may have been put back: the connector says.
    """
    if session.status in OVER and await parts.connectors.are_linked(session.id):
        return Happening.RETRY_ASKED
    if session.status is Status.FAILED and session.phone_number is not None:
        return Happening.RETRY_ASKED
    return Happening.RESTART_ASKED


async def _check_result(subscription: Subscription) -> None:
    """Returns once another try with linked credentials has a result that is no failure.

    Raises ConflictingState if it failed or ended the pairing, ConnectorCrashed, StoreOutOfOrder.
    """
    async for change in subscription:
        match change:
            case Change(session=None):
                raise NoSuchSession
            case Change(session=Session(status=Status.FAILED | Status.LOGGED_OUT as status) as session):
                why = session.reason.detail if session.reason else "its connector says no more"
                raise ConflictingState(f"it was tried again, and is {status}: {why}", session=session)
            case Change(session=Session(status=status)) if status is not Status.DISCONNECTED:
                return
            case Change(event=Closed()):  # WhatsApp cannot be reached: the connector goes on trying
                return
            case Change(event=Ended(state="BACKOFF", exit=code), session=session):
                if code == NO_ROOM:
                    raise StoreOutOfOrder("the session's folder cannot be written", session=session)
                raise ConnectorCrashed(session=session)
