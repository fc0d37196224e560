"""A connector that speaks the pipe protocol, with a fake WhatsApp behind it."""

import asyncio
import os
from collections.abc import Callable
from itertools import count
from typing import Any

import msgspec

from server.connectors.credentials import FILE, is_linked
from server.core.clock import Clock
from server.core.paths import SessionFolder
from server.protocol.events.base import Spooled
from server.protocol.events.codes import (
    IssuedQr,
    PairingCodeAwaited,
    PairingCodeIssued,
    QrIssued,
    QrsExhausted,
)
from server.protocol.events.contacts import Answered, FoundContact, Refused
from server.protocol.events.lines import AnyEvent
from server.protocol.events.link import Closed, LoggedOut, Opened, Paired, Restricted, Snapshot
from server.protocol.events.messages import MarkedMessage, MessageMoved, MessageReceived, ReadMarked
from server.protocol.events.process import Ended, Pong, Ready, Up
from store.records.reason import Reason
from tests.support.credentials import leave_credentials
from tests.support.whatsapp import FakeWhatsApp

_serial = count(1)

#: Exit status: start me again now.
RESTART = 75

#: Seconds after its codes came at which WhatsApp ends a socket on which nobody was linked.
SOCKET_LIFETIME = 210.0


class FakeConnector:
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
        self.session_id = session_id
        self.epoch = epoch
        self._whatsapp = whatsapp
        self._clock = clock
        self._on_exit = on_exit
        self._folder = folder
        self._record = folder.path / FILE
        if not is_linked(folder.path):  # what it acted with went with its folder
            whatsapp.paired.pop(session_id, None)
        #: None: not loaded yet, or ended.
        self._commands: int | None = None
        self._events: int | None = os.open(folder.events, os.O_RDWR | os.O_NONBLOCK)
        self._phase = "connecting"
        self._qr: IssuedQr | None = None
        self._reason: Reason | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._ended = False
        #: Whether nothing will be said of it any more.
        self._is_gone = False
        self._partial = b""
        #: Events for which the pipe had no room yet.
        self._unwritten = b""
        #: Whether it has asked WhatsApp for something yet.
        self.has_socket = False
        self._codes = 0
        #: When WhatsApp ends the socket that shows codes: boot clock, seconds.
        self._ends_at = 0.0
        #: Whether a front has said hello.
        self.is_greeted = False
        #: Whether it hears commands and does nothing.
        self.deaf = False
        self.commands: list[dict[str, Any]] = []
        #: What its next answer to a hello says that it can do.
        self.abilities: tuple[str, ...] = ("send", "marks")
        #: What its next link is opened with.
        self.link: dict[str, Any] | None = None
        #: Versions that were refused since a link was open.
        self._refused: set[str | None] = set()
        #: Opens the next link of a paired session.
        self._retry: asyncio.TimerHandle | None = None
        #: Who said hello last.
        self._front: str | None = None
        #: Sequence number of the last spooled event.
        self.last_seq = 0
        #: Spooled events that no front has acknowledged.
        self._spool: list[Any] = []
        #: How it ends, once a front has heard what it has to say.
        self._exit_status: int | None = None

    def shows(self, payload: str) -> bool:
        """Whether a phone that scans this code now is let in."""
        qr = self._qr
        return (
            not self._ended
            and qr is not None
            and qr.payload == payload
            and self._clock.boot() < qr.issued_at + qr.lifetime
        )

    @property
    def is_showing(self) -> bool:
        """Whether it has a code that can be scanned."""
        return self._qr is not None and self.shows(self._qr.payload)

    def run(self) -> None:
        """Open the pipes and the socket, unless it is slow to load."""
        if not self._whatsapp.slow:
            self.load()

    def load(self, *, is_heard: bool = True) -> None:
        """What a connector does once its modules are loaded. is_heard: whether its `up` reaches the front."""
        self._commands = os.open(self._folder.commands, os.O_RDWR | os.O_NONBLOCK)
        asyncio.get_running_loop().add_reader(self._commands, self._read, self._commands)
        if is_heard:
            self.say(Up(epoch=self.epoch))

    def say(self, event: AnyEvent) -> None:
        """Write one event once the pipe has room, as the plugin may too once the connector is gone."""
        self._unwritten += b"\n" + msgspec.json.encode(event) + b"\n"
        self._write()

    def _write(self) -> None:
        if self._events is None:
            return
        loop = asyncio.get_running_loop()
        try:
            while self._unwritten:
                self._unwritten = self._unwritten[os.write(self._events, self._unwritten) :]
            loop.remove_writer(self._events)
        except BlockingIOError:
            loop.add_writer(self._events, self._write)
            return
        if self._is_gone:
            os.close(self._events)
            self._events = None

    def say_spooled(self, kind: Callable[..., Spooled], /, **fields: Any) -> None:
        """Say one event that has a sequence number; once more after each hello, until it is acknowledged."""
        self.last_seq = next(_serial)
        self._keep(kind(epoch=self.epoch, seq=self.last_seq, **fields))

    def receive(self, text: str, **fields: Any) -> None:
        """A contact writes."""
        self._keep(self.receiving(text, **fields))

    def receiving(self, text: str, **fields: Any) -> MessageReceived:
        """What is to be said of a contact's text."""
        contact, lid = "4915112345678@s.whatsapp.net", "909913313250243@lid"
        message: dict[str, Any] = {
            "id": text,
            "chat": contact,
            "chat_lid": lid,
            "sender": contact,
            "sender_lid": lid,
            "from_me": False,
            "push_name": "Bo",
        }
        message |= {"sent_at": self._clock.wall(), "kind": "text", "text": text}
        self.last_seq = next(_serial)
        return MessageReceived(epoch=self.epoch, seq=self.last_seq, **(message | fields))

    def move(self, message_id: str, chat: str, status: str, **fields: Any) -> None:
        """WhatsApp says how far a message is."""
        moved = {"id": message_id, "chat": chat, "status": status, "at": self._clock.wall()}
        self.say_spooled(MessageMoved, **(moved | fields))

    def confirm_marks(self, chat: str, *keys: tuple[str, str]) -> None:
        """WhatsApp knows that these messages were read. keys: the id and the sender of each."""
        marked = tuple(MarkedMessage(id=message_id, sender=sender) for message_id, sender in keys)
        self.say_spooled(ReadMarked, chat=chat, keys=marked)

    def restrict(self, code: str, until: int | None) -> None:
        """WhatsApp lets the account begin no chats until then, in milliseconds since 1970."""
        self.say_spooled(Restricted, code=code, until=until)

    def log_out_by_phone(self) -> None:
        """The phone removes the device."""
        self._whatsapp.paired.pop(self.session_id, None)
        self._record.unlink(missing_ok=True)
        self.say_spooled(LoggedOut, reason=Reason("phone", "the phone removed the device"))
        self._exit(0)

    def sent(self) -> list[dict[str, Any]]:
        """The messages that it was to send, in this order."""
        return [command for command in self.commands if command["command"] == "send"]

    def _do(self, command: dict[str, Any]) -> None:
        """Sends, or asks."""
        if command["command"] == "ask":
            self._answer_about(command["request"], command["number"])
        elif self._whatsapp.takes_messages:
            self.move(command["id"], command["chat"], "sent", attempts=1)

    def _answer_about(self, request: str, number: str) -> None:
        if self._whatsapp.silent:
            return
        if self._whatsapp.refuses_questions:
            reason = Reason("whatsapp-unreachable", "as the test wants it")
            self.say(Refused(epoch=self.epoch, request=request, reason=reason))
            return
        exists = number not in self._whatsapp.unknown_numbers
        jid = f"{number}@s.whatsapp.net" if exists else None
        found = FoundContact(number=number, exists=exists, jid=jid, lid=self._whatsapp.lids.get(number))
        self.say(Answered(epoch=self.epoch, request=request, result=found))

    def scan(self, phone_number: str = "15551234567") -> None:
        """A phone scans the code: paired, then a restart."""
        self._whatsapp.paired[self.session_id] = phone_number
        self._record.unlink(missing_ok=True)
        leave_credentials(self._folder.path, linked=True)
        self._cancel()
        self._phase, self._qr = "pairing", None
        self.say_spooled(Paired, phone_number=phone_number, push_name="Ann")

    def restart(self) -> None:
        """What follows a scan: exit 75."""
        self._exit(RESTART)

    def drop(self, code: str = "connection-lost", *, wait_for: float | None = None) -> None:
        """The socket closes; an unpaired connector goes to sleep."""
        reason = Reason(code, "as the test wants it")
        self.say_spooled(Closed, reason=reason, wait_for=wait_for, version=self._version)
        self._exit(0)

    def lose(self) -> None:
        """The link of a paired session is cut; it is opened again after a second."""
        self._close(Reason("connection-lost", "as the test wants it"), retry_in=1.0)

    def quit(self, status: int = 0) -> None:
        """End without a word."""
        self._exit(status)

    def end(self) -> None:
        """Stop reading and talking."""
        if self.has_socket and not self._ended:
            self._whatsapp.close(self.session_id)
        self._ended = True
        self._unwritten = b""
        if self._events is not None:
            asyncio.get_running_loop().remove_writer(self._events)
        self._cancel()
        if self._commands is not None:
            asyncio.get_running_loop().remove_reader(self._commands)
            os.close(self._commands)
            self._commands = None

    def leave(self, notice: Ended | None) -> None:
        """Close the pipe of events, once what the plugin says of the end is in it. None: it says nothing."""
        if notice is not None:
            self.say(notice)
        self._is_gone = True
        self._write()

    def _keep(self, event: Any) -> None:
        self._spool.append(event)
        if self.is_greeted:
            self.say(event)

    def _exit(self, status: int) -> None:
        """Where no front has said hello yet, it is waited for, unless there is nothing to say to it."""
        if self._spool and not self.is_greeted and status != RESTART:
            self._exit_status = status
            return
        self.end()
        self._on_exit(self, status)

    def _cancel(self) -> None:
        for timer in (self._timer, self._retry):
            if timer is not None:
                timer.cancel()

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

    @property
    def _version(self) -> str | None:
        return None if self.link is None else self.link["version"]

    def _read(self, commands: int) -> None:
        self._partial += os.read(commands, 65536)
        *lines, self._partial = self._partial.split(b"\n")
        for line in lines:
            if line and not self._ended:
                self._obey(msgspec.json.decode(line))

    def _obey(self, command: dict[str, Any]) -> None:
        self.commands.append(command)
        if self.deaf:
            return
        match command["command"]:
            case "hello":
                self.is_greeted = True
                is_other, self._front = command["front"] != self._front, command["front"]
                self._set_link(command["link"])
                if is_other and self._refused and not self.has_socket:
                    self._open_later(5.0)
                self._answer(command)
            case "set_link":
                self._set_link(command["link"])
            case "ack":
                self._spool = [event for event in self._spool if event.seq > command["seq"]]
            case "ping":
                self.say(Pong(epoch=self.epoch))
            case "pair_by_code" if self._whatsapp.gives_pairing_codes:
                self._codes += 1
                code = f"CODE{self._codes:04}"
                self.say(
                    PairingCodeIssued(
                        epoch=self.epoch,
                        request=command["request"],
                        code=code,
                        issued_at=self._clock.boot(),
                        lifetime=self._ends_at - self._clock.boot(),
                    )
                )
            case "send" | "ask":
                self._do(command)
            case "logout":
                self._whatsapp.paired.pop(self.session_id, None)
                self._record.unlink(missing_ok=True)
                code = "asked" if self._whatsapp.hears_logouts else "asked-unconfirmed"
                self.say_spooled(LoggedOut, reason=Reason(code, "a logout was asked"))
                self._exit(0)

    def _set_link(self, link: dict[str, Any]) -> None:
        """Unpaired, a socket that was opened with another name or proxy is ended."""
        before, self.link = self.link, link
        is_new = before is not None and any(before[key] != link[key] for key in ("deviceName", "proxy"))
        if is_new and self.has_socket and self.session_id not in self._whatsapp.paired:
            self._exit(0)
        if self._refused and not self.has_socket and self._version not in self._refused:
            self._open_later(0.0)

    def _answer(self, hello: dict[str, Any]) -> None:
        self.say(Ready(epoch=self.epoch, front=hello["front"], can=self.abilities))
        for event in self._spool:
            if event.seq > hello["have"]:
                self.say(event)
        until = self._ends_at if self._phase == "pairing_code" else None
        self.say(
            Snapshot(
                epoch=self.epoch,
                phase=self._phase,
                qr=self._qr,
                pairing_code_until=until,
                reason=self._reason,
            )
        )
        if self._exit_status is not None:
            self._exit(self._exit_status)
        else:
            self._meet(hello["account"], may_register=hello["mayRegister"])

    def _meet(self, account: str | None, *, may_register: bool) -> None:
        """Unpaired, it registers for a front that knows of no account, unless the front forbids it."""
        phone_number = self._whatsapp.paired.get(self.session_id)
        if account not in (None, phone_number):
            self._exit(78)
        elif not (self.has_socket or may_register or phone_number):
            self._exit(0)
        elif not self.has_socket and self._retry is None:
            self._open_socket()

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

    def begin(self) -> None:
        """WhatsApp gives the socket its codes."""
        self._ends_at = self._clock.boot() + SOCKET_LIFETIME
        self._show(1, self._clock.boot())

    def renew(self, *, is_refresh: bool = True) -> None:
        """WhatsApp retires the secret in the code that is shown; or a typed pairing code has replaced it."""
        assert self._qr is not None
        self._qr = msgspec.structs.replace(self._qr, payload=f"{self._qr.payload}-renewed")
        self.say(QrIssued(epoch=self.epoch, is_refresh=is_refresh, **msgspec.structs.asdict(self._qr)))

    def end_socket(self) -> None:
        """WhatsApp ends the socket, and nobody was linked."""
        self.say(QrsExhausted(epoch=self.epoch))
        self._exit(0)

    def _use_up(self) -> None:
        """The last code was shown."""
        if not self._codes:
            self.end_socket()
            return
        self._phase, self._qr = "pairing_code", None
        self.say(PairingCodeAwaited(epoch=self.epoch, until=self._ends_at))
        pause = self._ends_at - self._clock.boot()
        self._timer = asyncio.get_running_loop().call_later(pause, self.end_socket)

    def _show(self, ordinal: int, moment: float) -> None:
        if ordinal > len(self._whatsapp.lifetimes):
            self._use_up()
            return
        lifetime = self._whatsapp.lifetimes[ordinal - 1]
        payload = f"https://wa.me/settings/linked_devices#{self.session_id}-{self.epoch}-{ordinal}"
        self._phase = "qr"
        self._qr = IssuedQr(ordinal=ordinal, payload=payload, issued_at=moment, lifetime=lifetime)
        self.say(QrIssued(epoch=self.epoch, version=self._version, **msgspec.structs.asdict(self._qr)))
        pause = moment + lifetime - self._clock.boot()
        self._timer = asyncio.get_running_loop().call_later(pause, self._show, ordinal + 1, moment + lifetime)
