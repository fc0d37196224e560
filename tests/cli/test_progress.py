"""What a command says while a person waits."""

import io
import sys
from pathlib import Path

import pytest

from server.cli.backup.backup import make_backup
from server.cli.common.progress import show_progress, waiting
from server.core.paths import StateFolder
from store.records.sessions import Status
from tests.cli.samples import add, furnish
from tests.support.terminal import Terminal


class Tty(io.StringIO):
    """What a person sees."""

    def isatty(self) -> bool:
        return True

    def seen(self) -> str:
        terminal = Terminal(80, 24)
        terminal.feed(self.getvalue().encode())
        return terminal.text


def watched(monkeypatch: pytest.MonkeyPatch) -> Tty:
    """Standard error from now on. No fixture: pytest exchanges it once more between those and the test."""
    tty = Tty()
    monkeypatch.setattr(sys, "stderr", tty)
    return tty


def test_each_step_replaces_the_last_and_is_erased_at_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tty = watched(monkeypatch)
    with waiting("Copying the database"):
        assert tty.seen() == "Copying the database …"
        show_progress("Copying 1 of 2")
        assert tty.seen() == "Copying 1 of 2 …"
    assert tty.seen() == ""


def test_a_backup_counts_its_sessions(
    monkeypatch: pytest.MonkeyPatch, folder: StateFolder, tmp_path: Path
) -> None:
    tty = watched(monkeypatch)
    furnish(folder)
    for name in ("first", "second"):
        add(folder, name, Status.STOPPED)
    make_backup(folder, tmp_path / "backup.tar")
    assert tty.seen() == "Copying session 2 of 2 …"


def test_no_progress_is_shown_without_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.StringIO()
    monkeypatch.setattr(sys, "stderr", out)
    with waiting("Copying"):
        show_progress("Copying 1 of 2")
    assert out.getvalue() == ""
