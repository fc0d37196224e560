"""What supervisord tells the front about connectors that have ended."""

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from server.core.paths import StateFolder

#: The states that follow the end of a process.
ENDS = ("EXITED", "BACKOFF", "FATAL", "STOPPED")


class ExitNotifier:
    """Lines to the front, dropped where no front listens: one that starts asks for the whole list."""

    def __init__(self, folder: StateFolder) -> None:
        self._folder = folder

    def send(self, notice: Mapping[str, Any]) -> None:
        """notice: has `id` and `state`. An end is told on the connector's own pipe, after all else."""
        if notice["state"] in ENDS:
            ended = {"event": "ended", "epoch": 0, **notice}
            # It may have been killed in the middle of a line: the newline ends that.
            _write(self._folder.session(notice["id"]).events, b"\n" + json.dumps(ended).encode() + b"\n")


def _write(path: Path, line: bytes) -> None:
    """Lines are shorter than PIPE_BUF: the pipe takes one as a whole or not at all."""
    with suppress(OSError):  # ENOENT, ENXIO: no front; EAGAIN: it does not read.
        pipe = os.open(path, os.O_WRONLY | os.O_NONBLOCK)
        try:
            os.write(pipe, line)
        finally:
            os.close(pipe)
