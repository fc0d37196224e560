"""Node is started once before anything else, to see whether it runs."""

import os
from pathlib import Path

import click
import pytest

from server.cli.serve import node_start
from server.cli.serve.launch import NODE
from server.cli.serve.node_start import NodeStart
from server.core.settings.model import Settings

MIB = 1 << 20


def reserved_by(node: Path) -> int | None:
    """What a program reserves that is started as Node."""
    with NodeStart.begun(Settings(state=Path("/srv/motte"), node=node)) as start:
        return start.reserved_bytes()


def program(path: Path, script: str) -> Path:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o700)
    return path


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("kill -TRAP $$", "it was ended by SIGTRAP;"),
        ("echo '# ' >&2; echo '# Fatal: no memory' >&2; exit 134", r"exit code 134 \(Fatal: no memory\);"),
    ],
)
def test_a_node_that_does_not_run_is_reported_with_its_end_and_its_first_words(
    tmp_path: Path, script: str, said: str
) -> None:
    with pytest.raises(click.ClickException, match=said):
        reserved_by(program(tmp_path / "node", script))


def test_a_node_that_may_not_be_executed_is_reported(tmp_path: Path) -> None:
    (tmp_path / "node").touch(mode=0o600)
    with pytest.raises(click.ClickException, match=r"Node cannot be started: .*/node: Permission denied"):
        reserved_by(tmp_path / "node")


def test_a_node_that_hangs_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(node_start, "NODE_STARTS_WITHIN_SECONDS", 0.1)
    with pytest.raises(click.ClickException, match=r"it did not end within 0\.1 seconds"):
        reserved_by(program(tmp_path / "node", "exec sleep 60"))


def test_what_node_reserves_is_about_the_same_at_each_start() -> None:
    first, second = reserved_by(NODE), reserved_by(NODE)
    assert first
    assert second
    assert abs(first - second) < 16 * MIB


def test_a_program_that_ends_well_and_says_nothing_reserves_what_nobody_knows(tmp_path: Path) -> None:
    assert reserved_by(program(tmp_path / "node", "exit 0")) is None


def test_node_sees_no_password_of_a_proxy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = tmp_path / "seen"
    monkeypatch.setenv("MOTTE_PROXY", "http://user:password@127.0.0.1:3128")
    assert reserved_by(program(tmp_path / "node", f"env > '{seen}'; exec '{NODE}' \"$@\""))
    assert "user:password" not in seen.read_text()


def test_a_node_that_nobody_waited_for_is_gone_after_the_start(tmp_path: Path) -> None:
    node, pipe = program(tmp_path / "node", 'echo $$ > "${0%/*}/pid"; exec sleep 60'), tmp_path / "pid"
    os.mkfifo(pipe)
    with NodeStart.begun(Settings(state=tmp_path, node=node)):
        pid = int(pipe.read_text())
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
