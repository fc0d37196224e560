"""`motte front`, and what `python -m server` runs."""

import os
import socket
import subprocess
import sys

import pytest

from server import app
from server.__main__ import arguments
from server.core.paths import StateFolder
from server.core.settings.model import Settings
from tests.cli.conftest import Run


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[Settings]:
    """The settings that a front was started with."""
    served: list[Settings] = []
    monkeypatch.setattr(app, "serve", served.append)
    return served


def test_a_front_is_started_with_the_settings_of_environment_and_options(
    run: Run, served: list[Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOTTE_QR_TIMEOUT", "7")
    run("front", "--listen", "127.0.0.1:8092")
    assert [str(settings.listen) for settings in served] == ["127.0.0.1:8092"]
    assert served[0].qr_timeout == 7.0


def test_files_of_a_front_are_private(run: Run, served: list[Settings]) -> None:
    run("front")
    assert os.umask(0o077) == 0o077


def test_a_front_with_a_bad_setting_ends_with_2(run: Run, served: list[Settings]) -> None:
    assert run("front", "--qr-timeout", "soon").exit_code == 2
    assert served == []


@pytest.mark.parametrize(
    ("given", "runs"),
    [
        ([], ["serve"]),
        (["--sandbox"], ["serve", "--sandbox"]),
        (["serve", "--sandbox"], ["serve", "--sandbox"]),
        (["front"], ["front"]),
    ],
)
def test_without_a_command_python_m_server_serves(given: list[str], runs: list[str]) -> None:
    assert arguments(given) == runs


def test_a_front_that_cannot_listen_says_so_in_one_line_and_ends(folder: StateFolder) -> None:
    folder.path.mkdir(mode=0o700)
    with socket.create_server(("127.0.0.1", 0)) as other:
        address = f"127.0.0.1:{other.getsockname()[1]}"
        front = subprocess.run(
            [sys.executable, "-m", "server", "front", "--listen", address, "--state", str(folder.path)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert front.returncode == 1
    line = f"level=ERROR event=cannot_listen address={address} error=Address already in use"
    assert front.stderr.splitlines()[-1].endswith(line)
    assert "Traceback" not in front.stderr
