"""Cool-downs: after WhatsApp refused to register a device, no session asks again for some minutes."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from server.core.clock import Clock, iso
from server.core.errors import (
    AccountBanned,
    MotteError,
    PasskeyRequired,
    ProxyFailed,
    QrTimeout,
    VersionRejected,
    WhatsAppRefused,
    WhatsAppUnreachable,
)
from server.core.log_events import log_event
from server.observability.registration_metrics import RegistrationMetrics
from server.protocol import reasons
from store.errors import StoreError
from store.ports.cool_downs import CoolDownStore
from store.records.cool_downs import CoolDown
from store.records.reason import Reason
from store.records.sessions import Session

log = logging.getLogger(__name__)

#: Of a cool-down after the first refusal in a row, the second …; the last one repeats.
LENGTHS_SECONDS = (60.0, 120.0, 300.0, 900.0)

#: Sessions in a row that WhatsApp refused, after which the whole host waits.
SESSIONS_IN_A_ROW = 3

#: The id under which the host's cool-down is kept: no session has it.
HOST = ""

#: The errors that the table of reasons names.
ERRORS: dict[str, type[MotteError]] = {
    kind.code: kind
    for kind in (
        AccountBanned,
        PasskeyRequired,
        ProxyFailed,
        QrTimeout,
        VersionRejected,
        WhatsAppRefused,
        WhatsAppUnreachable,
    )
}


def error_of(reason: Reason, refresh: reasons.Refresh, session: Session | None) -> MotteError:
    """Returns the error for a socket that closed for this reason."""
    return ERRORS[refresh.error](reason.detail, session=session)


class CoolDowns:
    """Counts refusals, and decides which sessions must wait.

    A session waits once WhatsApp refused it more often than its reason allows (`free`), the host after a 429
    and once three sessions in a row must wait. A registration that succeeds ends its session's cool-down
    and the host's. What is decided is known at once; the row is written after that.
    """

    def __init__(self, store: CoolDownStore, clock: Clock, metrics: RegistrationMetrics) -> None:
        self._store = store
        self._clock = clock
        self._metrics = metrics
        #: By session id, and HOST.
        self._known: dict[str, CoolDown] = {}
        #: Sessions that began to wait since the last registration that succeeded.
        self._in_a_row: set[str] = set()
        #: Of any session; boot clock, seconds.
        self._last_refusal = 0.0
        self._trial = asyncio.Lock()
        metrics.show_cool_downs(host=lambda: self.left(HOST), sessions=self._count)

    async def load(self) -> None:
        """Reads the cool-downs of an earlier front. Raises StoreError."""
        for cool_down in await self._store.all():
            known = self._known[cool_down.session_id] = self._of_this_boot(cool_down)
            self._last_refusal = max(self._last_refusal, known.until - known.length)

    def left(self, session_id: str) -> float:
        """Returns the seconds until the session (or HOST) may register; 0 if it may."""
        known = self._known.get(session_id)
        return 0.0 if known is None else max(known.until - self._clock.boot(), 0.0)

    def reason(self, session_id: str) -> Reason | None:
        """Returns why the session must not register now; None if it may."""
        holding = self._holding(session_id)
        return None if holding is None else holding.reason

    def check(self, session: Session) -> None:
        """Raises the error for callers if the session must not register now."""
        holding = self._holding(session.id)
        if holding is None:
            return
        left = holding.until - self._clock.boot()
        refresh = reasons.TABLE[holding.reason.code].refresh
        kind = WhatsAppRefused if refresh is None else ERRORS[refresh.error]
        who = "this host" if holding.session_id == HOST else "this session"
        at = iso(self._clock.wall() + round(left * 1000))
        error = kind(f"{holding.reason.detail}; {who} asks WhatsApp again from {at} on", session=session)
        raise error.with_retry_after(left)

    async def refused(self, session_id: str, reason: Reason, *, wait_for: float | None) -> None:
        """Counts that WhatsApp ended a socket that was registering. wait_for: seconds, if WhatsApp said so.

        Called for every reason; most are no refusals.
        """
        meaning = reasons.TABLE.get(reason.code)
        if meaning is None or meaning.refresh is None or meaning.refresh.cool_down is None:
            return
        self._metrics.refused(reason.code)
        self._last_refusal = self._clock.boot()
        free = meaning.refresh.free
        if meaning.refresh.cool_down == "host":
            await self._write(self._longer(HOST, reason, free=free, wait_for=wait_for))
            return
        longer = [self._longer(session_id, reason, free=free, wait_for=wait_for)]
        if self.left(session_id) > 0:
            self._in_a_row.add(session_id)
        if len(self._in_a_row) >= SESSIONS_IN_A_ROW:
            longer.append(self._longer(HOST, reason, free=0, wait_for=None))
        await self._write(*longer)

    async def succeeded(self, session_id: str, *, at: float) -> None:
        """Ends the cool-downs of the session and of the host, because WhatsApp gave codes.

        at: when the first of them was shown, boot clock in seconds. What was refused after that still counts
        for the host: the code may be shown again, with a new secret.
        """
        if at < self._last_refusal:
            await self._forget(session_id)
            return
        self._in_a_row.clear()
        await self._forget(session_id, HOST)

    async def forget(self, session_id: str) -> None:
        """Ends the cool-down of a session that is deleted.

        It still counts for the host: else a caller that deletes and creates would never be slowed down.
        """
        if session_id in self._in_a_row:
            self._in_a_row.remove(session_id)
            self._in_a_row.add(f"{session_id} deleted {len(self._in_a_row)}")
        await self._forget(session_id)

    async def forget_reason(self, code: str) -> None:
        """Ends all cool-downs with this reason, because its cause has changed (such as the version)."""
        self._in_a_row.clear()
        await self._forget(*(key for key, known in self._known.items() if known.reason.code == code))

    @asynccontextmanager
    async def trial(self, session: Session) -> AsyncGenerator[None]:
        """Admits a registration to the block: one at a time while the host's last one was refused.

        Those who wait go on together once one has succeeded, and are refused once one was refused.
        Raises what `check` raises.
        """
        while HOST in self._known:
            async with self._trial:
                if HOST in self._known:
                    self.check(session)
                    yield
                    return
        yield

    def _holding(self, session_id: str) -> CoolDown | None:
        """Returns the cool-down that lasts longer, the session's or the host's; None without any."""
        now = self._clock.boot()
        known = (self._known.get(key) for key in (session_id, HOST))
        lasting = [cool_down for cool_down in known if cool_down is not None and cool_down.until > now]
        return max(lasting, key=lambda cool_down: cool_down.until, default=None)

    def _longer(self, key: str, reason: Reason, *, free: int, wait_for: float | None) -> CoolDown | None:
        """Counts one more refusal; returns the longer cool-down, None if nothing changed.

        free: how many refusals in a row cost nothing.

        Sockets that were refused at the same time are one refusal: what lasts is not made longer.
        """
        if self.left(key) > (wait_for or 0.0):
            return None
        known = self._known.get(key)
        is_new = known is None or self.left(key) == 0.0
        refusals = (known.refusals if known else 0) + is_new
        step = LENGTHS_SECONDS[min(refusals - free, len(LENGTHS_SECONDS)) - 1] if refusals > free else 0.0
        length = max(step, wait_for or 0.0)
        longer = CoolDown(
            session_id=key,
            refusals=refusals,
            reason=reason,
            length=length,
            until=self._clock.boot() + length,
            until_wall=self._clock.wall() + round(length * 1000),
            boot_id=self._clock.boot_id,
        )
        self._known[key] = longer
        if length > 0:
            who = key or "-"
            log_event(log.warning, "cooling_down", session=who, seconds=int(length), code=reason.code)
        return longer

    def _of_this_boot(self, cool_down: CoolDown) -> CoolDown:
        """Returns it with its end on this boot's clock. After a reboot wall time says what is left."""
        if cool_down.boot_id == self._clock.boot_id:
            return cool_down
        left = min(max((cool_down.until_wall - self._clock.wall()) / 1000, 0.0), cool_down.length)
        return CoolDown(
            session_id=cool_down.session_id,
            refusals=cool_down.refusals,
            reason=cool_down.reason,
            length=cool_down.length,
            until=self._clock.boot() + left,
            until_wall=self._clock.wall() + round(left * 1000),
            boot_id=self._clock.boot_id,
        )

    def _count(self) -> int:
        return sum(key != HOST and self.left(key) > 0 for key in self._known)

    async def _forget(self, *keys: str) -> None:
        known = [key for key in keys if self._known.pop(key, None) is not None]
        try:
            for key in known:
                await self._store.delete(key)
        except StoreError as error:
            log_event(log.error, "cool_down_not_written", error=error)

    async def _write(self, *cool_downs: CoolDown | None) -> None:
        """Writes cool-downs that have a length. If that fails, they last as long as this front."""
        try:
            for cool_down in cool_downs:
                if cool_down is not None and cool_down.length > 0:
                    await self._store.put(cool_down)
        except StoreError as error:
            log_event(log.error, "cool_down_not_written", error=error)
