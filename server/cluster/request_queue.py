"""Requests of followers to the leader: a row in the database for each, with its answer."""

import asyncio
import errno
import logging
import os
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import msgspec

from server.cluster.session_service import SessionService
from server.connectors.folders import make_fifo
from server.connectors.pipes import LineReader
from server.core import caller
from server.core.clock import Clock
from server.core.errors import (
    InternalError,
    MotteError,
    NoSuchSession,
    SessionExists,
    ShuttingDown,
    StoreOutOfOrder,
    from_os_error,
)
from server.core.log_events import log_event
from server.domain.session_fields import SessionFields
from store.errors import StoreError
from store.files import open_pipe
from store.ports.request_queue import RequestQueue
from store.records.request_queue import QueuedRequest
from store.records.sessions import Session

log = logging.getLogger(__name__)

#: Seconds between two tries to read the requests.
STORE_RETRY_SECONDS = 1.0


class RequestResult(msgspec.Struct, frozen=True, omit_defaults=True):
    """The answer to a queued request."""

    #: The code of the error; None if the request succeeded.
    code: str | None = None
    detail: str | None = None
    #: Seconds after which the request may succeed, if the error says so.
    retry_after: int | None = None
    #: The result, if it is not in the session's row.
    result: dict[str, Any] | None = None


#: The name under which a request names its caller, next to the arguments of its verb.
CALLER = "caller"

Verb = Callable[[SessionService, str, dict[str, Any]], Awaitable[Any]]

#: What each verb of a request calls.
VERBS: dict[str, Verb] = {
    "refresh": lambda service, session_id, argument: service.fresh(session_id),
    "create": lambda service, session_id, argument: _create(service, session_id, **argument),
    "update": lambda service, session_id, argument: service.update(session_id, _fields(argument)),
    "delete": lambda service, session_id, argument: service.delete(session_id),
    "start": lambda service, session_id, argument: service.start(session_id),
    "stop": lambda service, session_id, argument: service.stop(session_id),
    "restart": lambda service, session_id, argument: service.restart(session_id, **argument),
    "log_out": lambda service, session_id, argument: service.log_out(session_id),
    "pairing_code": lambda service, session_id, argument: _pairing_code(service, session_id, argument),
    "mark_read": lambda service, session_id, argument: service.mark_read(session_id, **argument),
    "show_typing": lambda service, session_id, argument: service.show_typing(session_id, **argument),
    "look_up": lambda service, session_id, argument: service.look_up(session_id, **argument),
}


def wake_leader(path: Path) -> None:
    """Wakes the leader. Without a leader, the next one reads the rows when it begins."""
    try:
        wakeup_pipe = open_pipe(path, os.O_WRONLY)
    except OSError as error:
        if error.errno in (errno.ENXIO, errno.ENOENT):
            return
        raise
    try:
        os.write(wakeup_pipe, b"wake\n")
    except BlockingIOError:
        pass  # The pipe is full, so the leader is awake.
    finally:
        os.close(wakeup_pipe)


class RequestWorker:
    """Does in the leader what followers request."""

    def __init__(self, requests: RequestQueue, service: SessionService, clock: Clock) -> None:
        self._requests = requests
        self._service = service
        self._clock = clock
        #: Requests that were begun, as long as they are listed as open.
        self._begun: set[int] = set()

    async def run(self, wakeup_pipe: Path, *, on_wake: Callable[[], None] = lambda: None) -> None:
        """Runs for ever: first the requests that an earlier leader left, then new ones.

        on_wake: called when a follower has written something.
        """
        make_fifo(wakeup_pipe)
        wakeups = LineReader(wakeup_pipe)
        try:
            async with asyncio.TaskGroup() as tasks:
                await self._requests.sweep(self._clock.boot())
                await self._begin(tasks, is_left_over=True)
                async for _ in wakeups:
                    on_wake()
                    await self._begin(tasks, is_left_over=False)
        finally:
            wakeups.close()

    async def _begin(self, tasks: asyncio.TaskGroup, *, is_left_over: bool) -> None:
        """Begins the open requests, each once: a list may be older than the answer to a request in it."""
        listed = await self._open()
        self._begun.intersection_update(queued.id for queued in listed)
        for queued in listed:
            if queued.id not in self._begun:
                self._begun.add(queued.id)
                tasks.create_task(self._do(queued, is_left_over), name=f"request {queued.id}")

    async def _open(self) -> list[QueuedRequest]:
        """Reads the open requests, again until the store can be read: no further wake-up may come."""
        while True:
            try:
                return await self._requests.open(self._clock.boot())
            except StoreError as error:
                log_event(log.error, "queued_requests_unread", error=error)
                await asyncio.sleep(STORE_RETRY_SECONDS)

    async def _do(self, queued: QueuedRequest, is_left_over: bool) -> None:
        try:
            answer = await self._answer(queued, is_left_over)
            if answer is not None:
                await self._requests.answer(queued.id, msgspec.json.encode(answer).decode())
        except StoreError as error:  # The follower answers when its time is up.
            log_event(log.error, "queued_request_failed", session=queued.session_id, error=error)

    async def _answer(self, queued: QueuedRequest, is_left_over: bool) -> RequestResult | None:
        """Does a request. Returns None if the next leader has to do it."""
        try:
            return RequestResult(result=await _result(self._service, queued))
        except ShuttingDown:
            return None
        except _DONE.get(queued.verb, ()) as done:
            # An earlier leader may have done it, without an answer.
            return RequestResult() if is_left_over else RequestResult(code=done.code, detail=done.detail)
        except MotteError as error:
            return RequestResult(code=error.code, detail=error.detail, retry_after=error.retry_after)
        except StoreError as error:
            log_event(log.error, "store_out_of_order", session=queued.session_id, error=error)
            return RequestResult(code=StoreOutOfOrder.code)
        except Exception as error:
            known = from_os_error(error) if isinstance(error, OSError) else None
            if known is not None:
                log_event(log.error, "queued_request_failed", session=queued.session_id, error=error)
                return RequestResult(code=known.code, detail=known.detail)
            log_event(log.exception, "bug", session=queued.session_id, request=queued.verb)
            return RequestResult(code=InternalError.code)


#: Errors which mean that a request was done before.
_DONE: dict[str, type[MotteError]] = {"create": SessionExists, "delete": NoSuchSession}


async def _result(service: SessionService, queued: QueuedRequest) -> dict[str, Any] | None:
    argument = msgspec.json.decode(queued.argument, type=dict[str, Any])
    caller.set_current(argument.pop(CALLER, caller.ITSELF))  # A front of another version names none.
    given = await VERBS[queued.verb](service, queued.session_id, argument)
    return given if isinstance(given, dict) else None


async def _create(service: SessionService, session_id: str, *, is_awaited: bool, **fields: Any) -> Session:
    return await service.create(session_id, fields=_fields(fields), is_awaited=is_awaited)


def _fields(argument: dict[str, Any]) -> SessionFields:
    return msgspec.convert(argument, SessionFields)


async def _pairing_code(service: SessionService, session_id: str, argument: dict[str, Any]) -> dict[str, Any]:
    return asdict(await service.pairing_code(session_id, argument["phone_number"]))
