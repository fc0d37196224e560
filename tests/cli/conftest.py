"""A command line in an environment of its own."""

import os
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NoReturn

import pytest
from click.testing import CliRunner, Result

from server.cli import main
from server.cli.doctor.finding import Finding, Verdict
from server.core.addresses import Address
from server.core.listeners import bind, close_all
from server.core.paths import StateFolder
from server.core.settings.definitions import PREFIX
from tests.cli.samples import furnish

Run = Callable[..., Result]


class Exec(Exception):
    """The process would have become another program."""

    def __init__(self, path: str, arguments: Sequence[str], environ: Mapping[str, str]) -> None:
        self.path = path
        self.arguments = arguments
        self.environ = environ


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Removes the environment's settings, and restores what a command changes of this process."""
    for name in list(os.environ):
        if name.startswith(PREFIX):
            monkeypatch.delenv(name)
    monkeypatch.setenv("MOTTE_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("MOTTE_CONNECTOR_ISOLATION", "off")  # each `serve` would fill the compile cache
    monkeypatch.chdir(tmp_path)
    mask, blocked = os.umask(0o022), signal.pthread_sigmask(signal.SIG_BLOCK, ())
    yield
    os.umask(mask)
    signal.pthread_sigmask(signal.SIG_SETMASK, blocked)


@pytest.fixture
def folder(tmp_path: Path) -> StateFolder:
    """The state folder that commands use; not made yet."""
    return StateFolder(tmp_path / "state")


@pytest.fixture
def motte(folder: StateFolder) -> StateFolder:
    """The folder of a stopped Motte that has no session yet."""
    furnish(folder)
    return folder


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run `motte ARGUMENTS`; where it would become another program, the result's exception is an `Exec`."""

    def become(path: str, arguments: Sequence[str], environ: Mapping[str, str]) -> NoReturn:
        raise Exec(path, arguments, environ)

    monkeypatch.setattr(os, "execve", become)

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(main, arguments)

    return run


@pytest.fixture
def free_port() -> int:
    """A port that nobody listens on."""
    bound = bind(Address("127.0.0.1", 0))
    port: int = bound[0].getsockname()[1]
    close_all(bound)
    return port


def became(result: Result) -> Exec:
    """The program that the command would have become."""
    assert isinstance(result.exception, Exec), result.output
    return result.exception


def is_wrong(finding: Finding, detail: str) -> bool:
    """Whether a check found that, and says what to do."""
    return finding.verdict is Verdict.WRONG and detail in finding.detail and bool(finding.advice)
