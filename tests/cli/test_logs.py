"""`motte logs`."""

import os
import signal
import subprocess
import sys

import pytest

from server.cli.logs import new_lines
from server.core.paths import StateFolder
from tests.cli.conftest import Run
from tests.cli.samples import furnish
from tests.support.interrupts import heed_interrupts

#: Seconds, on a busy machine.
WITHIN = 60


@pytest.fixture
def motte(folder: StateFolder) -> StateFolder:
    """A state folder with logs."""
    furnish(folder)
    (folder.logs / "front.log").write_text("".join(f"line {number}\n" for number in range(1, 31)))
    (folder.logs / "connector-shop.log").write_text("of shop \x1b[2J\n")
    (folder.logs / "supervisord.log").write_text("of supervisord\n")
    return folder


def test_the_last_lines_of_the_front_are_shown(run: Run, motte: StateFolder) -> None:
    assert run("logs").stdout.splitlines() == [f"line {number}" for number in range(11, 31)]
    assert run("logs", "--lines", "2").stdout == "line 29\nline 30\n"
    assert run("logs", "-n", "0").stdout == ""


def test_lines_before_a_rotation_are_shown_too(run: Run, motte: StateFolder) -> None:
    (motte.logs / "front.log").rename(motte.logs / "front.log.1")
    (motte.logs / "front.log").write_text("newest\n")
    assert run("logs", "-n", "3").stdout == "line 29\nline 30\nnewest\n"


def test_a_named_pipe_in_the_place_of_a_log_is_not_waited_for(run: Run, motte: StateFolder) -> None:
    os.mkfifo(motte.logs / "front.log.1")
    assert len(run("logs", "-n", "40").stdout.splitlines()) == 30
    (motte.logs / "sandbox.log").unlink(missing_ok=True)
    os.mkfifo(motte.logs / "sandbox.log")
    refused = run("logs", "--of", "sandbox")
    assert refused.exit_code == 1
    assert "not a regular file" in refused.stderr


def test_a_session_and_each_process_have_a_log(run: Run, motte: StateFolder) -> None:
    assert run("logs", "shop").stdout == "of shop \N{REPLACEMENT CHARACTER}[2J\n"
    assert run("logs", "--of", "supervisord").stdout == "of supervisord\n"
    assert run("logs", "shop", "--of", "front").exit_code == 2


@pytest.mark.parametrize("arguments", [("nobody",), ("--of", "sandbox")])
def test_a_log_that_does_not_exist_is_1(run: Run, motte: StateFolder, arguments: tuple[str, ...]) -> None:
    result = run("logs", *arguments)
    assert result.exit_code == 1
    assert "there is no log" in result.stderr


def test_a_log_is_followed_over_a_rotation_and_after_it_was_cut_off(motte: StateFolder) -> None:
    file = motte.logs / "front.log"
    with file.open() as log:
        log.read()
        lines = new_lines(file, log)
        with file.open("a") as out:
            out.write("a\n")
        assert next(lines) == "a\n"
        with file.open("a") as out:
            out.write("last\n")
        file.rename(motte.logs / "front.log.1")
        file.write_text("first\n")
        assert [next(lines), next(lines)] == ["last\n", "first\n"]
        file.write_text("new\n")
        assert next(lines) == "new\n"
        lines.close()


def test_ctrl_c_ends_a_log_that_is_followed_with_130(motte: StateFolder) -> None:
    command = [sys.executable, "-m", "server", "logs", "-f", "-n", "1"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=heed_interrupts
    ) as process:
        try:
            assert process.stdout
            assert process.stdout.readline() == "line 30\n"
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate(timeout=WITHIN)
        finally:
            process.kill()
    assert (process.returncode, errors) == (130, "")
