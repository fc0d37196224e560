"""Commands whose terminal, pipe or disk ends."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from server.cli.common.program import Program
from server.core.paths import StateFolder
from store.records.sessions import Status
from tests.cli.samples import add, furnish, ids
from tests.cli.terminal_program import ended, reads_a_line, run_in_terminal

Command = Callable[..., "subprocess.Popen[str]"]

#: Seconds, on a busy machine.
WITHIN = 60


@pytest.fixture
def motte(folder: StateFolder) -> StateFolder:
    """A stopped Motte with a session."""
    furnish(folder)
    add(folder, "shop", Status.STOPPED)
    add(folder, "left", Status.LOGGED_OUT)
    return folder


@pytest.fixture
def start(motte: StateFolder) -> Command:
    """Start `motte ARGUMENTS` as a process, whose standard error is read."""

    def start(*arguments: str, **streams: Any) -> "subprocess.Popen[str]":
        command = [sys.executable, "-m", "server", *arguments]
        return subprocess.Popen(command, stderr=subprocess.PIPE, text=True, **streams)

    return start


def test_a_reader_that_goes_away_ends_a_command_silently(start: Command) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with start("sessions", "list", "--output", "json", stdout=writer) as process:
        os.close(writer)
        _, errors = process.communicate(timeout=WITHIN)
    assert (process.returncode, errors) == (141, "Motte does not run: this is from its database.\n")


def test_an_output_that_cannot_be_written_is_an_error_in_one_line(start: Command) -> None:
    with Path("/dev/full").open("w") as full, start("sessions", "list", stdout=full) as process:
        _, errors = process.communicate(timeout=WITHIN)
    assert process.returncode == 1
    assert "Error: the output could not be written: No space left on device\n" in errors
    assert "Traceback" not in errors


def test_ctrl_c_ends_a_command_with_130() -> None:
    def wait() -> None:
        raise KeyboardInterrupt

    result = CliRunner().invoke(Program(commands={"wait": click.Command("wait", callback=wait)}), ["wait"])
    assert (result.exit_code, result.output) == (130, "")


@pytest.mark.parametrize(
    "arguments", [("sessions", "delete", "shop"), ("cleanup", "--older-than", "0m"), ("keys", "revoke", "a")]
)
def test_a_question_without_standard_input_is_a_no(start: Command, arguments: tuple[str, ...]) -> None:
    with start("keys", "create", "a", "--scope", "admin", stdout=subprocess.DEVNULL) as process:
        process.communicate(timeout=WITHIN)
    with start(*arguments, stdout=subprocess.DEVNULL, preexec_fn=_close_input) as process:
        _, errors = process.communicate(timeout=WITHIN)
    assert process.returncode == 1
    assert "There is no standard input to answer it: use --yes." in errors
    assert "Traceback" not in errors


@pytest.mark.parametrize("arguments", [("sessions", "delete", "shop"), ("cleanup", "--older-than", "0m")])
async def test_ctrl_c_at_a_question_is_a_no_at_once(motte: StateFolder, arguments: tuple[str, ...]) -> None:
    async with run_in_terminal(*arguments) as (program, process):
        await program.shows("[y/N]")
        await reads_a_line(process)
        program.press(b"\x03")
        assert await ended(program, process) == 1
    assert await asyncio.to_thread(ids, motte) == {"shop", "left"}


def _close_input() -> None:
    os.close(0)
