"""What one front has another do: asked in a row of the database, answered in the same."""

import asyncio
import errno
import logging
import os
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import msgspec

from server.cluster.session_service import Desk
from server.connectors.pipes import LineReader, make_fifo
from server.core.clock import Clock
from server.core.errors import (
    InternalError,
    MotteError,
    NoSuchSession,
    SessionExists,
    ShuttingDown,
    StoreOutOfOrder,
    of_the_host,
)
from server.domain.session_fields import SessionFields
from store.errors import StoreError
from store.records import Errand, Session
from store.sqlite.request_queue import Errands as Record

log = logging.getLogger(__name__)


class Answer(msgspec.Struct, frozen=True, omit_defaults=True):
    """How an errand ended."""

    #: The code of its error; None: it was done.
    code: str | None = None
    detail: str | None = None
    #: Seconds after which it may succeed, if the error says so.
    retry_after: int | None = None
    #: What the work gave, where the session's row does not say it.
    result: dict[str, Any] | None = None


Doing = Callable[[Desk, str, dict[str, Any]], Awaitable[Any]]

#: What each verb of an errand means.
VERBS: dict[str, Doing] = {
    "refresh": lambda desk, session_id, argument: desk.fresh(session_id),
    "create": lambda desk, session_id, argument: _create(desk, session_id, **argument),
    "update": lambda desk, session_id, argument: desk.update(session_id, _fields(argument)),
    "delete": lambda desk, session_id, argument: desk.delete(session_id),
    "start": lambda desk, session_id, argument: desk.start(session_id),
    "stop": lambda desk, session_id, argument: desk.stop(session_id),
    "restart": lambda desk, session_id, argument: desk.restart(session_id, **argument),
    "log_out": lambda desk, session_id, argument: desk.log_out(session_id),
    "pairing_code": lambda desk, session_id, argument: _pairing_code(desk, session_id, argument),
}


def knock(path: Path) -> None:
    """Wake the owner. Where there is none, the next one looks at the rows when it begins."""
    try:
        door = os.open(path, os.O_WRONLY | os.O_NONBLOCK)
    except OSError as error:
        if error.errno in (errno.ENXIO, errno.ENOENT):
            return
        raise
    try:
        os.write(door, b"knock\n")
    except BlockingIOError:
        pass  # So many have knocked that it is awake.
    finally:
        os.close(door)


class Porter:
    """Does, at the owner's desk, what other fronts ask."""

    def __init__(self, record: Record, desk: Desk, clock: Clock) -> None:
        self._record = record
        self._desk = desk
        self._clock = clock
        self._doing: set[int] = set()

    async def run(self, door: Path) -> None:
        """For ever: first what an owner before left undone, then what is knocked for."""
        make_fifo(door)
        knocks = await LineReader.open(door)
        try:
            async with asyncio.TaskGroup() as tasks:
                await self._record.sweep(self._clock.boot())
                await self._begin(tasks, is_left_over=True)
                async for _ in knocks:
                    await self._begin(tasks, is_left_over=False)
        finally:
            knocks.close()

    async def _begin(self, tasks: asyncio.TaskGroup, *, is_left_over: bool) -> None:
        try:
            errands = await self._record.open(self._clock.boot())
        except StoreError as error:  # The next knock finds them all.
            log.error("event=errands_unread error=%s", error)
            return
        for errand in errands:
            if errand.id not in self._doing:
                self._doing.add(errand.id)
                tasks.create_task(self._do(errand, is_left_over), name=f"errand {errand.id}")

    async def _do(self, errand: Errand, is_left_over: bool) -> None:
        try:
            answer = await self._answer(errand, is_left_over)
            if answer is not None:
                await self._record.answer(errand.id, msgspec.json.encode(answer).decode())
        except StoreError as error:  # Its asker is told by its own time-out.
            log.error("session=%s event=errand_failed error=%s", errand.session_id, error)
        finally:
            self._doing.discard(errand.id)

    async def _answer(self, errand: Errand, is_left_over: bool) -> Answer | None:
        """None: the next owner does it."""
        try:
            return Answer(result=await _result(self._desk, errand))
        except ShuttingDown:
            return None
        except _DONE.get(errand.verb, ()) as done:
            # It may have been done by the owner that left it, and not answered.
            return Answer() if is_left_over else Answer(code=done.code, detail=done.detail)
        except MotteError as error:
            return Answer(code=error.code, detail=error.detail, retry_after=error.retry_after)
        except StoreError as error:
            log.error("session=%s event=store_out_of_order error=%s", errand.session_id, error)
            return Answer(code=StoreOutOfOrder.code)
        except Exception as error:
            known = of_the_host(error) if isinstance(error, OSError) else None
            if known is not None:
                log.error("session=%s event=errand_failed error=%s", errand.session_id, error)
                return Answer(code=known.code, detail=known.detail)
            log.exception("session=%s event=bug errand=%s", errand.session_id, errand.verb)
            return Answer(code=InternalError.code)


#: Errors that say that an errand has been done before.
_DONE: dict[str, type[MotteError]] = {"create": SessionExists, "delete": NoSuchSession}


async def _result(desk: Desk, errand: Errand) -> dict[str, Any] | None:
    argument = msgspec.json.decode(errand.argument, type=dict[str, Any])
    given = await VERBS[errand.verb](desk, errand.session_id, argument)
    return given if isinstance(given, dict) else None


async def _create(desk: Desk, session_id: str, *, is_awaited: bool, **fields: Any) -> Session:
    return await desk.create(session_id, fields=_fields(fields), is_awaited=is_awaited)


def _fields(argument: dict[str, Any]) -> SessionFields:
    return msgspec.convert(argument, SessionFields)


async def _pairing_code(desk: Desk, session_id: str, argument: dict[str, Any]) -> dict[str, Any]:
    return asdict(await desk.pairing_code(session_id, argument["phone_number"]))
