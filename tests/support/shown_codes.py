"""The codes that WhatsApp gives to one socket."""

import asyncio
from collections.abc import Callable

import msgspec

from server.core.clock import Clock
from server.protocol.events.codes import IssuedQr
from tests.support.whatsapp import FakeWhatsApp


class ShownCodes:
    """Shows one code after the other, each for its lifetime."""

    def __init__(
        self,
        name: str,
        whatsapp: FakeWhatsApp,
        clock: Clock,
        *,
        on_shown: Callable[[IssuedQr], None],
        on_over: Callable[[], None],
    ) -> None:
        """name: in each code, so that those of two connectors differ. on_over: the last one has expired."""
        self._name = name
        self._whatsapp = whatsapp
        self._clock = clock
        self._on_shown = on_shown
        self._on_over = on_over
        #: None: not begun, or stopped.
        self.current: IssuedQr | None = None
        self._timer: asyncio.TimerHandle | None = None

    @property
    def is_showing(self) -> bool:
        """Whether the current code can be scanned."""
        qr = self.current
        return qr is not None and self._clock.boot() < qr.issued_at + qr.lifetime

    def begin(self) -> None:
        self._show(1, self._clock.boot())

    def renew(self) -> IssuedQr:
        """The current code with another payload."""
        assert self.current is not None
        self.current = msgspec.structs.replace(self.current, payload=f"{self.current.payload}-renewed")
        return self.current

    def stop(self) -> None:
        self.current = None
        if self._timer is not None:
            self._timer.cancel()

    def _show(self, ordinal: int, moment: float) -> None:
        if ordinal > len(self._whatsapp.lifetimes):
            self._on_over()
            return
        lifetime = self._whatsapp.lifetimes[ordinal - 1]
        payload = f"https://wa.me/settings/linked_devices#{self._name}-{ordinal}"
        self.current = IssuedQr(ordinal=ordinal, payload=payload, issued_at=moment, lifetime=lifetime)
        self._on_shown(self.current)
        pause = moment + lifetime - self._clock.boot()
        self._timer = asyncio.get_running_loop().call_later(pause, self._show, ordinal + 1, moment + lifetime)
