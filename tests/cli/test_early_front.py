"""The front starts before supervisord, and waits for it."""

import os
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from server import early_front, entry_point
from server.cli.serve.launch import ROOT
from server.core.paths import StateFolder
from server.core.settings.definitions import PREFIX
from server.supervisor_plugin.early_front import EarlyFront, order


def run_until_its_end(front: EarlyFront) -> str:
    """Returns what it prints."""
    with os.fdopen(os.dup(front.stdout), "rb") as output:
        return output.read().decode()


@pytest.fixture
def front(folder: StateFolder) -> Iterator[EarlyFront]:
    """One that waits, or will wait soon."""
    with early_front.begun() as front:
        assert front
        yield front


def test_it_goes_on_with_the_environment_that_it_is_given(front: EarlyFront, folder: StateFolder) -> None:
    os.write(front.stdin, order({**os.environ, "MOTTE_ROOT": str(ROOT), "MOTTE_LISTEN": "nowhere"}))
    assert "Error: MOTTE_LISTEN" in run_until_its_end(front)
    assert os.waitpid(front.pid, 0)[1] == 2 << 8


def test_without_supervisord_it_ends_and_has_done_nothing(front: EarlyFront, folder: StateFolder) -> None:
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, front.stdin)  # the pipe has no writer any more
    os.close(null)
    assert run_until_its_end(front) == ""
    assert os.waitpid(front.pid, 0)[1] == 0
    assert not folder.path.exists()


def test_no_setting_is_in_its_first_environment_which_others_may_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MOTTE_API_KEY", "secret")
    with early_front.begun() as front:
        assert front
        lines = Path(f"/proc/{front.pid}/environ").read_text().split("\0")
    settings = dict(line.split("=", 1) for line in lines if line.startswith(PREFIX))
    assert settings == {"MOTTE_STATE": "?" * 4096, "MOTTE_FRONT_WAITS": "1"}


@pytest.mark.parametrize("words", [["serve", "--help"], ["front", "--help"], ["--version"]])
def test_only_a_start_begins_it(words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(early_front, "begun", lambda: pytest.fail("a front was started"))
    with pytest.raises(SystemExit):
        entry_point.main(words)


def test_it_is_gone_after_a_start_that_is_refused(folder: StateFolder) -> None:
    pids = []

    def refused() -> None:
        with early_front.begun() as front:
            pids.append(front.pid if front else 0)
            raise click.ClickException("another one runs")

    with pytest.raises(click.ClickException):
        refused()
    with pytest.raises(ProcessLookupError):
        os.kill(pids[0], 0)


def test_a_host_that_cannot_start_it_leaves_that_to_supervisord(
    folder: StateFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.executable", "/nowhere/python")
    with early_front.begun() as front:
        assert front is None


def test_supervisord_gets_it_by_a_variable_once(monkeypatch: pytest.MonkeyPatch) -> None:
    reader, writer = os.pipe()
    environ = EarlyFront(7, writer, reader).handed_on()
    assert os.get_inheritable(reader)
    assert EarlyFront.taken(environ) == EarlyFront(7, writer, reader)
    assert not os.get_inheritable(reader)
    assert EarlyFront.taken(environ) is None
    os.close(reader)
    os.close(writer)
