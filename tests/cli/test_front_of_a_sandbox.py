"""A front whose sandbox starts at the same time: it would refuse the first session if it served before it."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from server import app
from server.core import sandbox_start
from server.core.paths import StateFolder
from server.core.sandbox_start import LOOK_SECONDS, SANDBOX_LISTENS_WITHIN_SECONDS
from server.core.settings.model import Settings
from tests.cli.conftest import Run


@dataclass
class Wait:
    """The front's time, which only its own sleeps turn, and when it began to serve."""

    seconds: float = 0.0
    #: Called after each sleep with the seconds.
    meanwhile: Callable[[float], None] = lambda _: None
    served_at: float | None = None

    def now(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds
        self.meanwhile(self.seconds)

    def serve(self, _: Settings) -> None:
        self.served_at = self.seconds


@pytest.fixture
def wait(monkeypatch: pytest.MonkeyPatch, folder: StateFolder) -> Wait:
    folder.path.mkdir()
    wait = Wait()
    monkeypatch.setenv("MOTTE_STATE", str(folder.path))
    monkeypatch.setattr(sandbox_start, "monotonic", wait.now)
    monkeypatch.setattr(sandbox_start, "sleep", wait.sleep)
    monkeypatch.setattr(app, "serve", wait.serve)
    return wait


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTTE_SANDBOX", "1")


@pytest.mark.usefixtures("sandbox")
def test_it_serves_as_soon_as_the_sandbox_says_where_it_listens(
    run: Run, folder: StateFolder, wait: Wait
) -> None:
    def announce(seconds: float) -> None:
        assert wait.served_at is None
        if seconds >= 1:
            folder.sandbox.touch()

    wait.meanwhile = announce
    run("front")
    assert wait.served_at == pytest.approx(1, abs=LOOK_SECONDS)


@pytest.mark.usefixtures("sandbox")
def test_it_serves_at_once_if_the_sandbox_listens_already(run: Run, folder: StateFolder, wait: Wait) -> None:
    folder.sandbox.touch()
    run("front")
    assert wait.served_at == 0


@pytest.mark.usefixtures("sandbox")
def test_it_serves_without_a_sandbox_that_does_not_start(run: Run, wait: Wait) -> None:
    run("front")
    assert wait.served_at == pytest.approx(SANDBOX_LISTENS_WITHIN_SECONDS, abs=LOOK_SECONDS)


def test_it_waits_for_no_sandbox_if_it_has_none(run: Run, wait: Wait) -> None:
    run("front")
    assert wait.served_at == 0
