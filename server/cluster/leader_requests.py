"""What a follower requests of the leader: it queues requests, and waits for their answers."""

import asyncio
import logging
from pathlib import Path
from typing import Any

import msgspec

from server.cluster.request_queue import CALLER, RequestResult, wake_leader
from server.core import caller
from server.core.clock import Clock
from server.core.errors import (
    AccountBanned,
    AlreadyConnected,
    ConflictingState,
    ConnectorCrashed,
    ConnectorUnavailable,
    InternalError,
    LeaderUnavailable,
    MessageNotFound,
    MotteError,
    NoSuchSession,
    Overloaded,
    PasskeyRequired,
    ProxyFailed,
    QrTimeout,
    RateLimited,
    SessionExists,
    StoreOutOfOrder,
    SupervisorUnavailable,
    VersionRejected,
    WhatsAppRefused,
    WhatsAppUnreachable,
)
from server.core.log_events import log_event
from server.core.single_flight import SingleFlight
from server.sessions.subscriptions import Subscriptions
from store.errors import StoreError
from store.ports.request_queue import RequestQueue
from store.ports.sessions import SessionStore

log = logging.getLogger(__name__)

#: Seconds to wait beyond the leader's time-out, which is as long as ours, for the leader's own error.
RESPONSE_GRACE_SECONDS = 1.0

#: Errors that the leader may answer with, by code. Any other code is a bug of the leader.
ERRORS: dict[str, type[MotteError]] = {
    error.code: error
    for error in (
        AccountBanned,
        AlreadyConnected,
        ConflictingState,
        ConnectorCrashed,
        ConnectorUnavailable,
        MessageNotFound,
        NoSuchSession,
        Overloaded,
        PasskeyRequired,
        ProxyFailed,
        QrTimeout,
        SessionExists,
        StoreOutOfOrder,
        SupervisorUnavailable,
        VersionRejected,
        WhatsAppRefused,
        WhatsAppUnreachable,
    )
}


class LeaderRequests:
    """The requests of one follower."""

    def __init__(
        self,
        requests: RequestQueue,
        sessions: SessionStore,
        subscriptions: Subscriptions,
        clock: Clock,
        *,
        wakeup_pipe: Path,
    ) -> None:
        self._requests = requests
        self._sessions = sessions
        self._subscriptions = subscriptions
        self._clock = clock
        self._wakeup_pipe = wakeup_pipe
        self._single_flight: SingleFlight[RequestResult] = SingleFlight()

    async def have_done(
        self,
        verb: str,
        session_id: str,
        within: float,
        argument: dict[str, Any] | None = None,
        *,
        is_shared: bool = True,
    ) -> RequestResult:
        """Queues a request, and returns the answer. Raises the leader's error.

        within: seconds in which the leader has to answer. is_shared: the same request of many callers is
        queued once.
        """
        argument = argument or {}
        if not is_shared:
            return await self._fly(verb, session_id, argument, within)
        key = f"{verb} {session_id} {msgspec.json.encode(argument).decode()}"
        flight = self._single_flight.join(key, lambda: self._fly(verb, session_id, argument, within))
        return await asyncio.shield(flight)

    async def close(self, error: MotteError) -> None:
        """Ends all requests with an error."""
        await self._single_flight.close(error)

    async def _fly(
        self, verb: str, session_id: str, argument: dict[str, Any], within: float
    ) -> RequestResult:
        written = msgspec.json.encode({**argument, CALLER: caller.current()}).decode()
        number = await self._requests.add(session_id, verb, written, until=self._clock.boot() + within)
        try:
            wake_leader(self._wakeup_pipe)
            answer = await self._answered(number, session_id, within)
        except TimeoutError:
            raise LeaderUnavailable(session=await self._sessions.get(session_id)) from None
        finally:
            await self._forget(number, session_id)
        if answer.code is not None:
            session = await self._sessions.get(session_id)
            error = ERRORS.get(answer.code, InternalError)(answer.detail, session=session)
            if answer.code == RateLimited.code:
                raise RateLimited(answer.detail or "", wait=answer.retry_after or 1)
            if answer.code == MessageNotFound.code:
                raise MessageNotFound(answer.detail)
            raise error if answer.retry_after is None else error.with_retry_after(answer.retry_after)
        return answer

    async def _forget(self, number: int, session_id: str) -> None:
        """Deletes a request. One that cannot be deleted is swept once its time is over: its answer counts."""
        try:
            await self._requests.delete(number)
        except StoreError as error:
            log_event(log.warning, "queued_request_not_deleted", session=session_id, error=error)

    async def _answered(self, number: int, session_id: str, within: float) -> RequestResult:
        """Waits for the answer to a request. Raises TimeoutError."""
        async with asyncio.timeout(within + RESPONSE_GRACE_SECONDS):
            with self._subscriptions.subscribe(session_id) as subscription:
                while True:
                    written = await self._requests.answered(number)
                    if written is not None:
                        return msgspec.json.decode(written, type=RequestResult)
                    await subscription.next()
