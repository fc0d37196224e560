"""The front starts before supervisord, and waits for it."""

import os
from collections.abc import Iterator

import click
import pytest

from server.cli.serve import early_front
from server.core.paths import StateFolder
from server.core.settings.model import Settings
from server.supervisor_plugin.early_front import EarlyFront, order


def run_until_its_end(front: EarlyFront) -> str:
    """Returns what it prints."""
    with os.fdopen(os.dup(front.stdout), "rb") as output:
        return output.read().decode()


@pytest.fixture
def front(folder: StateFolder) -> Iterator[EarlyFront]:
    """One that waits, or will wait soon."""
    with early_front.begun(Settings(state=folder.path)) as front:
        assert front
        yield front


def test_it_goes_on_with_the_environment_that_it_is_given(front: EarlyFront, folder: StateFolder) -> None:
    os.write(front.stdin, order({**os.environ, "MOTTE_LISTEN": "nowhere"}))
    assert "Error: MOTTE_LISTEN" in run_until_its_end(front)
    assert os.waitpid(front.pid, 0)[1] == 2 << 8


def test_without_supervisord_it_ends_and_has_done_nothing(front: EarlyFront, folder: StateFolder) -> None:
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, front.stdin)  # the pipe has no writer any more
    os.close(null)
    assert run_until_its_end(front) == ""
    assert os.waitpid(front.pid, 0)[1] == 0
    assert not folder.path.exists()


def test_it_is_gone_after_a_start_that_is_refused(folder: StateFolder) -> None:
    pids = []

    def refused() -> None:
        with early_front.begun(Settings(state=folder.path)) as front:
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
    with early_front.begun(Settings(state=folder.path)) as front:
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
