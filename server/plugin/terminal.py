"""What a person sees at the terminal: the front's log, and supervisord's warnings."""

import sys
from typing import Any

from supervisor.loggers import LevelsByName, StreamHandler

from server.plugin.guarded import GuardedProcess


class ShownProcess(GuardedProcess):
    """A process whose log is written to the terminal too; stock supervisord writes to one place."""

    def spawn(self) -> int | None:
        """Start the process; None where that did not come about."""
        pid = super().spawn()
        if pid is not None:
            for dispatcher in self.dispatchers.values():
                log = getattr(dispatcher, "normallog", None)
                if log is not None:
                    log.addHandler(_terminal("%(message)s", sys.stdout.buffer))
        return pid


def show_warnings(logger: Any) -> None:
    """supervisord's own log goes to its file; here what somebody should look at."""
    handler = _terminal("%(asctime)s %(levelname)s %(message)s\n", sys.stdout)
    handler.setLevel(LevelsByName.WARN)
    logger.addHandler(handler)


def _terminal(form: str, stream: Any) -> StreamHandler:
    handler = StreamHandler(stream)
    handler.setFormat(form)
    return handler
