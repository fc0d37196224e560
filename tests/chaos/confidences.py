"""What nobody may read in a log: codes, what credentials are made of, and what people write."""

import sqlite3
from contextlib import suppress
from pathlib import Path

from server.core.paths import StateFolder
from tests.soak.tally import Tally
from tests.support.secrets import parts, secrets_in
from tests.support.serve import API_KEY


class Confidences:
    """Collects them, and looks for them."""

    def __init__(self, folder: StateFolder, tally: Tally, *, mark: str) -> None:
        """mark: stands in every text that somebody writes."""
        self.mark = mark
        self._folder = folder
        self._tally = tally
        #: A secret and what it is.
        self._kept = {API_KEY: "the API key", mark: "a message's text"}

    def keep_code(self, code: str) -> None:
        """Somebody was shown this code."""
        self._kept.update(dict.fromkeys([code, *parts(code)], "a code"))

    def keep_credentials(self, session_id: str) -> None:
        """What is in a session's record now."""
        record = self._folder.session(session_id).path / "connector.db"
        with suppress(sqlite3.OperationalError):  # it is too young
            self._kept.update(dict.fromkeys(secrets_in(record), "a credential"))

    def check_logs(self, name: str = "*") -> None:
        """Tell each that stands in a log. name: of the logs."""
        for file in self._folder.logs.glob(name):
            self._check(file)

    def _check(self, file: Path) -> None:
        log = file.read_text(errors="replace")
        for what in {what for secret, what in self._kept.items() if secret in log}:
            self._tally.find("secret in a log", f"{what} in {file.name}")
