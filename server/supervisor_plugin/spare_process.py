"""Process of a warm spare: a connector that has loaded everything, and waits for a session."""

import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any, ClassVar

from server.connectors.folders import furnish, replace_blank
from server.core.paths import SessionFolder
from server.supervisor_plugin.connector import ConnectorProcess


class SpareProcess(ConnectorProcess):
    """A member of the group of connectors that acts for no session, so that no front hears of it.

    It runs in a folder of its own, which becomes the session's.
    """

    KIND: ClassVar = "spare"

    def __init__(self, config: Any, *, folder: SessionFolder, **parts: Any) -> None:
        """parts: as for ConnectorProcess."""
        super().__init__(config, **parts)
        self.folder = folder

    @property
    def is_awake(self) -> bool:
        """Whether it has a process that goes on."""
        return bool(self.pid) and not self.is_stopping

    @property
    def is_warm(self) -> bool:
        """Whether it only waits for a session, with no file open: its folder can be renamed."""
        return self.is_awake and self._mark.exists()

    def give(self, folder: SessionFolder) -> None:
        """Puts its folder in the place of a session's, which is blank. Raises OSError, and is still warm."""
        self._mark.unlink()
        try:
            replace_blank(folder, by=self.folder)
        except OSError:
            self._mark.touch(mode=0o600)
            raise

    def tell(self, session_id: str) -> None:
        """Names the session that it acts for from now on. Raises OSError if the process has ended."""
        self.write(f"{session_id}\n".encode())

    @property
    def _mark(self) -> Path:
        """A file that the process makes when it is warm (connector/process/spare.js)."""
        return self.folder.path / "warm"

    # Called by supervisord from here on.

    def spawn(self) -> int | None:
        """Starts it in a furnished folder. If that cannot be made, the start fails and says so in its log."""
        with suppress(OSError):
            furnish(self.folder)
        return super().spawn()

    def finish(self, pid: int, sts: int) -> None:
        """Handles the end of its process, whose keys nobody gets."""
        super().finish(pid, sts)
        shutil.rmtree(self.folder.path, ignore_errors=True)

    def _report(self) -> None:
        if self._supervisord_runs():
            self._log(self._status().notice())
