"""A connector's socket to WhatsApp."""

import asyncio
from abc import abstractmethod
from typing import Any

import msgspec

from server.core.clock import Clock
from server.core.paths import SessionFolder
from server.protocol.events.codes import (
    IssuedQr,
    PairingCodeAwaited,
    PairingCodeIssued,
    QrIssued,
    QrsExhausted,
)
from server.protocol.events.link import Closed, Opened
from store.records.reason import Reason
from tests.support.messaging_peer import MessagingPeer
from tests.support.shown_codes import ShownCodes
from tests.support.whatsapp import FakeWhatsApp

#: Seconds after its codes came at which WhatsApp ends a socket on which nobody was linked.
SOCKET_LIFETIME = 210.0


class SocketPeer(MessagingPeer):
    """Opens one socket after the other: a paired session logs in, any other shows codes."""

    def __init__(
        self, session_id: str, folder: SessionFolder, *, whatsapp: FakeWhatsApp, clock: Clock, epoch: int
    ) -> None:
        super().__init__(folder, whatsapp=whatsapp, clock=clock, epoch=epoch)
        self.session_id = session_id
        self._phase = "connecting"
        self._reason: Reason | None = None
        self._qrs = ShownCodes(
            f"{session_id}-{epoch}", whatsapp, clock, on_shown=self._say_qr, on_over=self._use_up
        )
        #: Pairing codes of this socket.
        self._codes = 0
        #: When WhatsApp ends the socket that shows codes: boot clock, seconds.
        self._ends_at = 0.0
        #: Ends the socket while a pairing code is typed.
        self._end: asyncio.TimerHandle | None = None
        #: Whether it has asked WhatsApp for something yet.
        self.has_socket = False
        #: What its next link is opened with.
        self.link: dict[str, Any] | None = None
        #: Versions that were refused since a link was open.
        self._refused: set[str | None] = set()
        #: Opens the next link of a paired session.
        self._retry: asyncio.TimerHandle | None = None
        self._ended = False

    @abstractmethod
    def _exit(self, status: int) -> None:
        """Called when its process ends."""

    def shows(self, payload: str) -> bool:
        """Whether a phone that scans this code now is let in."""
        qr = self._qrs.current
        return qr is not None and qr.payload == payload and self._qrs.is_showing

    @property
    def is_showing(self) -> bool:
        """Whether it has a code that can be scanned."""
        return self._qrs.is_showing

    def begin(self) -> None:
        """WhatsApp gives the socket its codes."""
        self._ends_at = self._clock.boot() + SOCKET_LIFETIME
        self._qrs.begin()

    def renew(self, *, is_refresh: bool = True) -> None:
        """WhatsApp retires the secret in the code that is shown; or a typed pairing code has replaced it."""
        qr = msgspec.structs.asdict(self._qrs.renew())
        self.say(QrIssued(epoch=self.epoch, is_refresh=is_refresh, **qr))

    def drop(self, code: str = "connection-lost", *, wait_for: float | None = None) -> None:
        """The socket closes; an unpaired connector goes to sleep."""
        reason = Reason(code, "as the test wants it")
        self.say_spooled(Closed, reason=reason, wait_for=wait_for, version=self._version)
        self._exit(0)

    def lose(self) -> None:
        """The link of a paired session is cut; it is opened again after a second."""
        self._close(Reason("connection-lost", "as the test wants it"), retry_in=1.0)

    def end_socket(self) -> None:
        """WhatsApp ends the socket, and nobody was linked."""
        self.say(QrsExhausted(epoch=self.epoch))
        self._exit(0)

    @property
    def _version(self) -> str | None:
        return None if self.link is None else self.link["version"]

    def _set_link(self, link: dict[str, Any]) -> None:
        """Unpaired, a socket that was opened with another name or proxy is ended."""
        before, self.link = self.link, link
        is_new = before is not None and any(before[key] != link[key] for key in ("deviceName", "proxy"))
        if is_new and self.has_socket and self.session_id not in self._whatsapp.paired:
            self._exit(0)
        if self._refused and not self.has_socket and self._version not in self._refused:
            self._open_later(0.0)

    def _open_socket(self) -> None:
        if self._ended or self.has_socket:
            return None
        self.has_socket = True
        self._whatsapp.open(self.session_id)
        self._whatsapp.opened_with.append((self.session_id, self._version))
        if self.session_id in self._whatsapp.paired:
            self._whatsapp.logins += 1
            if self._whatsapp.held is not None:
                return self._whatsapp.held.append(self._log_in)
            return self._log_in()
        self._whatsapp.registrations += 1
        if self._whatsapp.refuses(self._version):
            self.drop("version-rejected")
        elif self._whatsapp.refusal is not None:
            self.drop(self._whatsapp.refusal.code, wait_for=self._whatsapp.refuses_for)
        elif not self._whatsapp.silent:
            self.begin()
        return None

    def _log_in(self) -> None:
        """WhatsApp answers the login."""
        if self._whatsapp.refuses(self._version):
            self._refused.add(self._version)
            return self._close(Reason("version-rejected", "too old"), retry_in=4000.0)
        if self._whatsapp.login_refusal is not None:
            return self.drop(self._whatsapp.login_refusal.code)
        self._phase = "open"
        number = self._whatsapp.paired[self.session_id]
        self._refused.clear()
        self._reason = None
        return self.say_spooled(Opened, phone_number=number, push_name="Ann", version=self._version)

    def _close(self, reason: Reason, *, retry_in: float) -> None:
        self._whatsapp.close(self.session_id)
        self.has_socket = False
        self._phase, self._reason = "reconnecting", reason
        self.say_spooled(Closed, reason=reason, retry_in=retry_in, version=self._version)
        self._open_later(retry_in)

    def _open_later(self, seconds: float) -> None:
        if self._retry is not None:
            self._retry.cancel()
        self._retry = asyncio.get_running_loop().call_later(seconds, self._open_socket)

    def _cancel(self) -> None:
        """Show no code any more, and open no socket."""
        self._qrs.stop()
        for timer in (self._end, self._retry):
            if timer is not None:
                timer.cancel()

    def _say_qr(self, qr: IssuedQr) -> None:
        self._phase = "qr"
        self.say(QrIssued(epoch=self.epoch, version=self._version, **msgspec.structs.asdict(qr)))

    def _use_up(self) -> None:
        """The last code was shown."""
        if not self._codes:
            self.end_socket()
            return
        self._phase = "pairing_code"
        self._qrs.stop()
        self.say(PairingCodeAwaited(epoch=self.epoch, until=self._ends_at))
        pause = self._ends_at - self._clock.boot()
        self._end = asyncio.get_running_loop().call_later(pause, self.end_socket)

    def _give_pairing_code(self, request: str) -> None:
        self._codes += 1
        now = self._clock.boot()
        self.say(
            PairingCodeIssued(
                epoch=self.epoch,
                request=request,
                code=f"CODE{self._codes:04}",
                issued_at=now,
                lifetime=self._ends_at - now,
            )
        )
