"""Requests of a trial, each held against what its answer may be and when it must be here."""

import asyncio
from collections.abc import Callable
from time import monotonic, time
from typing import Any, NamedTuple

import aiohttp

from tests.soak.tally import Tally
from tests.support.moments import moment
from tests.support.motte import Answer, Motte

#: Seconds: MOTTE_QR_TIMEOUT and MOTTE_REFRESH_TIMEOUT of a trial.
CREATE_WITHIN = 12.0
REFRESH_WITHIN = 6.0

#: Seconds by which an answer may be later than its time-out, on a host that has much to do.
LATE = 2.0

#: Seconds after which nobody waits any longer: the request hangs.
HANGS = 30.0

#: Seconds that a connector has to stop before it is killed; and to say goodbye to its account before that.
STOP = 3.0
GOODBYE = 6.0

#: Statuses in which a code is or can be shown.
UNPAIRED = ("starting", "qr_waiting")

#: Statuses for requests that need a connector, in addition to success.
TROUBLE = frozenset({502, 503, 504})


class Kind(NamedTuple):
    """One kind of request."""

    method: str
    path: str
    statuses: frozenset[int]
    #: Seconds until its time-out.
    within: float


READ = Kind("GET", "/sessions/{id}", TROUBLE | {200, 404}, REFRESH_WITHIN)
KINDS = {
    "create": Kind("POST", "/sessions", TROUBLE | {201, 409}, CREATE_WITHIN),
    "read": READ,
    "wait": READ._replace(statuses=READ.statuses | {304}),
    "look": Kind("GET", "/sessions/{id}?refresh=false", frozenset({200, 404}), 0),
    "messages": Kind("GET", "/sessions/{id}/messages", frozenset({200}), 0),
    "list": Kind("GET", "/sessions?limit=200", frozenset({200}), 0),
    "code": Kind("POST", "/sessions/{id}/pairing-code", TROUBLE | {200, 404, 409}, REFRESH_WITHIN),
    "restart": Kind("POST", "/sessions/{id}/restart", TROUBLE | {200, 404, 409}, CREATE_WITHIN),
    "start": Kind("POST", "/sessions/{id}/start", TROUBLE | {200, 404, 409}, CREATE_WITHIN),
    "stop": Kind("POST", "/sessions/{id}/stop", frozenset({200, 404, 409, 503}), STOP),
    "logout": Kind("POST", "/sessions/{id}/logout", frozenset({200, 404, 409, 503}), GOODBYE + STOP),
    "delete": Kind("DELETE", "/sessions/{id}", frozenset({204, 404, 503}), GOODBYE + STOP),
}


class Asker:
    """Asks, counts what came, and finds what must not come."""

    def __init__(
        self,
        motte: Motte,
        tally: Tally,
        *,
        has_rivals: bool = False,
        is_excused: Callable[[float], bool] = lambda begun: False,
    ) -> None:
        """has_rivals: others change the session too, so one may wait behind them, or meet a conflict.

        is_excused: whether no answer is no fault, for a request that began at a moment; monotonic.
        """
        self._motte = motte
        self._tally = tally
        self._is_excused = is_excused
        self._in_line = GOODBYE + STOP if has_rivals else 0.0
        self._conflict = {409} if has_rivals else set()

    async def ask(
        self, name: str, session_id: str = "", *, within: float | None = None, **options: Any
    ) -> Answer | None:
        """The response, or None if none came. within: seconds, if the request has a time-out of its own."""
        kind = KINDS[name]
        path = kind.path.format(id=session_id)
        asked = f"{name} {session_id}".strip()
        begun = monotonic()
        try:
            async with asyncio.timeout(HANGS):
                answer = await self._motte.ask(kind.method, path, **options)
        except (TimeoutError, aiohttp.ClientError) as error:
            if isinstance(error, aiohttp.ClientError) and self._is_excused(begun):
                self._tally.count(name, "front away")
            else:
                why = f"{type(error).__name__} after {monotonic() - begun:.1f} s"
                self._tally.find("no answer", f"{asked}: {why}")
            return None
        self._check(asked, kind, answer, monotonic() - begun, within or kind.within)
        self._check_news(asked, answer, options.get("headers", {}).get("If-None-Match", ""))
        return answer

    def _check(self, asked: str, kind: Kind, answer: Answer, span: float, within: float) -> None:
        name = asked.partition(" ")[0]
        self._tally.count(name, str(answer.status))
        self._tally.time(name, span)
        if answer.status not in kind.statuses | self._conflict:
            self._tally.find("unexpected status", f"{asked}: {answer.status} {answer.body}")
        if span > within + self._in_line + LATE:
            self._tally.find("late answer", f"{asked}: {answer.status} after {span:.1f} s")
        for session in answer.body.get("items", [answer.body]):
            if "qrCode" in session:
                self._check_session(asked, session)

    def _check_news(self, asked: str, answer: Answer, seen: str) -> None:
        """A wait that gives no code tells something else: an ETag says behind its dash which code it was."""
        session, tag = answer.body, answer.headers.get("ETag", "")
        is_without = session.get("status") in UNPAIRED and session.get("qrCode") is None
        if seen and is_without and tag.partition("-")[0] == seen.partition("-")[0]:
            self._tally.find("no code and no reason", f"{asked}: {session}")

    def _check_session(self, asked: str, session: dict[str, Any]) -> None:
        code, expires_at = session["qrCode"], session["qrExpiresAt"]
        if (code is None) != (expires_at is None):
            self._tally.find("a code and no expiry, or the reverse", f"{asked}: {session}")
        if code is not None and moment(expires_at) < time():
            self._tally.find(
                "expired code", f"{asked}: {expires_at}, {time() - moment(expires_at):.2f} s ago"
            )
        reason = session["statusReason"] or {}
        is_typed = reason.get("code") == "pairing-code-awaited"  # Another QR code would end that one.
        must_have = asked.partition(" ")[0] in ("read", "create", "restart") and not is_typed
        if must_have and code is None and session["status"] in UNPAIRED:
            self._tally.find("no code and no reason", f"{asked}: {session}")
