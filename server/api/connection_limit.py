"""Keeps file descriptors free: closes the oldest idle connection before the process has none left."""

import logging
import math
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from server.core.log_events import log_event
from server.observability.http_metrics import Dropped, HttpMetrics
from server.observability.log_rate_limit import LogRateLimit

log = logging.getLogger(__name__)

#: Descriptors that no connection takes: pipes of sessions that start, files, and connections that are being
#: accepted or closed need them. A tenth of the limit of the process, between these numbers.
MIN_RESERVED_FILES = 128
MAX_RESERVED_FILES = 1024
RESERVED_SHARE = 10
#: So many connections are served even if the pipes of very many sessions take what was meant for connections.
MIN_CONNECTIONS = 32

#: Seconds between two counts of the open descriptors: counting many takes milliseconds.
COUNT_SECONDS = 1.0

#: Log lines per minute about closed and refused connections.
LINES_PER_MINUTE = 6


def count_open_files() -> int:
    """Returns how many descriptors this process has open. Linux 6.2 and newer says so without a list."""
    folder = Path("/proc/self/fd")
    return folder.stat().st_size or len(list(folder.iterdir()))


class Closable(Protocol):
    """What the limit uses of a connection."""

    def is_idle(self) -> bool:
        """Whether it waits for a request, or for the rest of one."""

    def force_close(self) -> None:
        """Closes it."""


class ConnectionLimit:
    """The connections of all addresses that are listened on, in the order in which they were used."""

    def __init__(
        self,
        files: int,
        metrics: HttpMetrics,
        now: Callable[[], float],
        count_files: Callable[[], int] = count_open_files,
    ) -> None:
        """files: descriptors that the process may have open. now: seconds on any steady clock."""
        self._files = files - min(max(files // RESERVED_SHARE, MIN_RESERVED_FILES), MAX_RESERVED_FILES)
        self._metrics = metrics
        self._now = now
        self._count_files = count_files
        self._counted_at = -math.inf
        #: Descriptors that were open at the last count, connections aside.
        self._others = 0
        #: The one that was used last is at the end.
        self._connections: OrderedDict[Closable, None] = OrderedDict()
        self._lines = LogRateLimit("connections_full", LINES_PER_MINUTE)

    @property
    def most(self) -> int:
        """How many connections there may be, as far as the last count says."""
        return max(self._files - self._others, MIN_CONNECTIONS)

    def admit(self, connection: Closable) -> bool:
        """Takes a new connection in; for one too many, closes an idle one. False: close the new one."""
        self._count()
        while len(self._connections) >= self.most:  # more than one, if pipes took the place of many
            if not self._make_room():
                self._note(Dropped.REFUSED)
                return False
        self._connections[connection] = None
        self._metrics.connections = len(self._connections)
        return True

    def use(self, connection: Closable) -> None:
        """A request has arrived."""
        if connection in self._connections:
            self._connections.move_to_end(connection)

    def remove(self, connection: Closable) -> None:
        """The connection is closed. Unknown ones are ignored."""
        self._connections.pop(connection, None)
        self._metrics.connections = len(self._connections)

    def _make_room(self) -> bool:
        """Closes the connection that is idle for longest. False if none is idle."""
        for _ in range(len(self._connections)):
            connection = next(iter(self._connections))
            if connection.is_idle():
                self.remove(connection)
                self._note(Dropped.IDLE)
                connection.force_close()
                return True
            self._connections.move_to_end(connection)  # Busy ones are not looked at again before all others.
        return False

    def _count(self) -> None:
        if self._now() >= self._counted_at + COUNT_SECONDS:
            self._counted_at = self._now()
            self._others = self._count_files() - len(self._connections)

    def _note(self, dropped: Dropped) -> None:
        self._metrics.drop(dropped)
        if self._lines.take(self._now()):
            log_event(log.warning, "connections_full", open=len(self._connections), closed=dropped)
