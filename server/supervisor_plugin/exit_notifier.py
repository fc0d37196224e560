"""Reports the end of a connector's process to the front."""

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from server.core.paths import StateFolder
from store.files import open_pipe

#: States after the end of a process.
ENDED_STATES = ("EXITED", "BACKOFF", "FATAL", "STOPPED")


class ExitNotifier:
    """Writes to the pipes that the front reads. A line that no front reads is dropped.

    A front that starts asks for the list of all connectors.
    """

    def __init__(self, folder: StateFolder) -> None:
        self._folder = folder

    def send(self, notice: Mapping[str, Any]) -> None:
        """Writes an end into the connector's own pipe, after all that the connector wrote.

        notice: has `id` and `state`. Other states than ENDED_STATES are not sent.
        """
        if notice["state"] in ENDED_STATES:
            ended = {"event": "ended", "epoch": 0, **notice}
            # The process may have been killed in the middle of a line: the newline ends that line.
            _write(self._folder.session(notice["id"]).events, b"\n" + json.dumps(ended).encode() + b"\n")


def _write(path: Path, line: bytes) -> None:
    """Lines are shorter than PIPE_BUF: the pipe takes one as a whole or not at all."""
    with suppress(OSError):  # ENOENT, ENXIO: no front; EAGAIN: it does not read
        pipe = open_pipe(path, os.O_WRONLY)
        try:
            os.write(pipe, line)
        finally:
            os.close(pipe)
