"""The connector's end of a session's pipes."""

import asyncio
import os
from abc import ABC, abstractmethod
from collections.abc import Callable
from itertools import count
from typing import Any

import msgspec

from server.core.paths import SessionFolder
from server.protocol.events.base import Spooled
from server.protocol.events.lines import AnyEvent
from server.protocol.events.process import Ended

_serial = count(1)


class PipePeer(ABC):
    """Hears commands and says events. Keeps the spooled ones until a front has acknowledged them."""

    def __init__(self, folder: SessionFolder, epoch: int) -> None:
        self.epoch = epoch
        self._folder = folder
        #: None: not opened yet, or closed.
        self._commands: int | None = None
        #: None: closed.
        self._events: int | None = os.open(folder.events, os.O_RDWR | os.O_NONBLOCK)
        #: The beginning of a command whose end was not read yet.
        self._partial = b""
        #: Events for which the pipe had no room yet.
        self._unwritten = b""
        #: Whether nothing will be said of it any more.
        self._is_gone = False
        #: Whether a front has said hello.
        self.is_greeted = False
        self.commands: list[dict[str, Any]] = []
        #: Sequence number of the last spooled event.
        self.last_seq = 0
        #: Spooled events that no front has acknowledged.
        self._spool: list[Any] = []

    @abstractmethod
    def _obey(self, command: dict[str, Any]) -> None:
        """Called with each command."""

    def say(self, event: AnyEvent) -> None:
        """Write one event once the pipe has room, as the plugin may too once the connector is gone."""
        self._unwritten += b"\n" + msgspec.json.encode(event) + b"\n"
        self._write()

    def say_spooled(self, kind: Callable[..., Spooled], /, **fields: Any) -> None:
        """Say one event that has a sequence number; once more after each hello, until it is acknowledged."""
        self._keep(kind(epoch=self.epoch, seq=self._next_seq(), **fields))

    def leave(self, notice: Ended | None) -> None:
        """Close the pipe of events, once what the plugin says of the end is in it. None: it says nothing."""
        if notice is not None:
            self.say(notice)
        self._is_gone = True
        self._write()

    def _next_seq(self) -> int:
        self.last_seq = next(_serial)
        return self.last_seq

    def _keep(self, event: Any) -> None:
        self._spool.append(event)
        if self.is_greeted:
            self.say(event)

    def _acknowledge(self, seq: int) -> None:
        self._spool = [event for event in self._spool if event.seq > seq]

    def _say_again(self, *, after: int) -> None:
        """Say the spooled events that a front does not have."""
        for event in self._spool:
            if event.seq > after:
                self.say(event)

    def _listen(self) -> None:
        """Begin to hear commands."""
        self._commands = os.open(self._folder.commands, os.O_RDWR | os.O_NONBLOCK)
        asyncio.get_running_loop().add_reader(self._commands, self._read, self._commands)

    def _close_commands(self) -> None:
        """Hear no command any more, and say nothing of what the pipe had no room for."""
        self._unwritten = b""
        if self._events is not None:
            asyncio.get_running_loop().remove_writer(self._events)
        if self._commands is not None:
            asyncio.get_running_loop().remove_reader(self._commands)
            os.close(self._commands)
            self._commands = None

    def _read(self, commands: int) -> None:
        self._partial += os.read(commands, 65536)
        *lines, self._partial = self._partial.split(b"\n")
        for line in lines:
            if line and self._commands is not None:
                command = msgspec.json.decode(line)
                self.commands.append(command)
                self._obey(command)

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
