"""A connector that speaks the pipe protocol, with a fake WhatsApp behind it."""

from collections.abc import Callable
from typing import Any

from server.connectors.credentials import FILE, is_linked
from server.core.clock import Clock
from server.core.paths import SessionFolder
from server.protocol.events.link import LoggedOut, Paired, Snapshot
from server.protocol.events.process import Pong, Ready, Up
from store.records.reason import Reason
from tests.support.credentials import leave_credentials
from tests.support.socket_peer import SocketPeer
from tests.support.whatsapp import FakeWhatsApp

#: Exit status: start me again now.
RESTART = 75


class FakeConnector(SocketPeer):
    """One start of a connector: from `up` to its exit status."""

    def __init__(
        self,
        session_id: str,
        folder: SessionFolder,
        *,
        whatsapp: FakeWhatsApp,
        clock: Clock,
        epoch: int,
        on_exit: Callable[["FakeConnector", int], None],
    ) -> None:
        super().__init__(session_id, folder, whatsapp=whatsapp, clock=clock, epoch=epoch)
        self._on_exit = on_exit
        self._record = folder.path / FILE
        if not is_linked(folder.path):  # what it acted with went with its folder
            whatsapp.paired.pop(session_id, None)
        #: Whether it hears commands and does nothing.
        self.deaf = False
        #: What its next answer to a hello says that it can do.
        self.abilities: tuple[str, ...] = ("send", "marks")
        #: Who said hello last.
        self._front: str | None = None
        #: How it ends, once a front has heard what it has to say.
        self._exit_status: int | None = None

    def run(self) -> None:
        """Open the pipes and the socket, unless it is slow to load."""
        if not self._whatsapp.slow:
            self.load()

    def load(self, *, is_heard: bool = True) -> None:
        """What a connector does once its modules are loaded. is_heard: whether its `up` reaches the front."""
        self._listen()
        if is_heard:
            self.say(Up(epoch=self.epoch))

    def scan(self, phone_number: str = "15551234567") -> None:
        """A phone scans the code: paired, then a restart."""
        self._whatsapp.paired[self.session_id] = phone_number
        self._record.unlink(missing_ok=True)
        leave_credentials(self._folder.path, linked=True)
        self._cancel()
        self._phase = "pairing"
        self.say_spooled(Paired, phone_number=phone_number, push_name="Ann")

    def restart(self) -> None:
        """What follows a scan: exit 75."""
        self._exit(RESTART)

    def log_out_by_phone(self) -> None:
        """The phone removes the device."""
        self._log_out(Reason("phone", "the phone removed the device"))

    def quit(self, status: int = 0) -> None:
        """End without a word."""
        self._exit(status)

    def end(self) -> None:
        """Stop reading and talking."""
        if self.has_socket and not self._ended:
            self._whatsapp.close(self.session_id)
        self._ended = True
        self._cancel()
        self._close_commands()

    def _exit(self, status: int) -> None:
        """Where no front has said hello yet, it is waited for, unless there is nothing to say to it."""
        if self._spool and not self.is_greeted and status != RESTART:
            self._exit_status = status
            return
        self.end()
        self._on_exit(self, status)

    def _log_out(self, reason: Reason) -> None:
        self._whatsapp.paired.pop(self.session_id, None)
        self._record.unlink(missing_ok=True)
        self.say_spooled(LoggedOut, reason=reason)
        self._exit(0)

    def _obey(self, command: dict[str, Any]) -> None:
        if self.deaf:
            return
        match command["command"]:
            case "hello":
                self._meet(command)
            case "set_link":
                self._set_link(command["link"])
            case "ack":
                self._acknowledge(command["seq"])
            case "ping":
                self.say(Pong(epoch=self.epoch))
            case "pair_by_code" if self._whatsapp.gives_pairing_codes:
                self._give_pairing_code(command["request"])
            case "send":
                self._send(command)
            case "ask":
                self._look_up(command["request"], command["number"])
            case "logout":
                code = "asked" if self._whatsapp.hears_logouts else "asked-unconfirmed"
                self._log_out(Reason(code, "a logout was asked"))

    def _meet(self, hello: dict[str, Any]) -> None:
        """A front says hello: it is answered, then the socket is opened for it."""
        self.is_greeted = True
        is_other, self._front = hello["front"] != self._front, hello["front"]
        self._set_link(hello["link"])
        if is_other and self._refused and not self.has_socket:
            self._open_later(5.0)
        self._answer(hello)
        if self._exit_status is not None:
            self._exit(self._exit_status)
        else:
            self._open_for(hello["account"], may_register=hello["mayRegister"])

    def _answer(self, hello: dict[str, Any]) -> None:
        self.say(Ready(epoch=self.epoch, front=hello["front"], can=self.abilities))
        self._say_again(after=hello["have"])
        until = self._ends_at if self._phase == "pairing_code" else None
        self.say(
            Snapshot(
                epoch=self.epoch,
                phase=self._phase,
                qr=self._qrs.current,
                pairing_code_until=until,
                reason=self._reason,
            )
        )

    def _open_for(self, account: str | None, *, may_register: bool) -> None:
        """Unpaired, it registers for a front that knows of no account, unless the front forbids it."""
        phone_number = self._whatsapp.paired.get(self.session_id)
        if account not in (None, phone_number):
            self._exit(78)
        elif not (self.has_socket or may_register or phone_number):
            self._exit(0)
        elif not self.has_socket and self._retry is None:
            self._open_socket()
