"""Texts that others chose, such as the name of an account: no command lets them control the terminal."""

import asyncio
import json
import re
from dataclasses import replace
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from server.cli.common.output import say
from server.cli.common.program import Program
from server.core.paths import StateFolder
from store.records.reason import Reason
from store.records.sessions import Status
from store.sqlite.store import open_store
from tests.cli.conftest import Run
from tests.store.samples import session

#: Erases a screen, colours it, turns the direction of text around, ends a line for some terminals.
HOSTILE = "a\x1b[2Jb\x9b31mc\u202ed\u2028e\x7ff\x85g"

SERVER = Path(__file__).parents[2] / "server"


@pytest.fixture
def hostile(folder: StateFolder) -> None:
    """A stopped Motte with a session of an account with such a name."""
    folder.path.mkdir(mode=0o700)

    async def add() -> None:
        async with open_store(folder.database, boot_id="boot-1") as store:
            named = session(status=Status.FAILED, reason=Reason("logged-out", HOSTILE), push_name=HOSTILE)
            await store.sessions.add(replace(named, phone_number="15551234567"))

    asyncio.run(add())


@pytest.mark.parametrize("command", [["list"], ["show", "shop"]], ids=lambda command: command[0])
@pytest.mark.parametrize("output", ["table", "json"])
def test_what_a_command_prints_of_a_session_has_no_control_character(
    run: Run, hostile: None, command: list[str], output: str
) -> None:
    printed = run("sessions", *command, "--output", output).output
    assert "shop" in printed
    assert all(line.isprintable() for line in printed.split("\n"))


def test_a_program_reads_the_very_text(run: Run, hostile: None) -> None:
    printed = run("sessions", "show", "shop", "--output", "json").stdout
    assert json.loads(printed)["pushName"] == HOSTILE


def test_an_error_that_quotes_a_text_has_no_control_character() -> None:
    @click.group(cls=Program)
    def program() -> None:
        pass

    @program.command()
    def fail() -> None:
        raise click.ClickException(f"first line\n{HOSTILE}")

    printed = CliRunner().invoke(program, ["fail"]).output
    assert printed.startswith("Error: first line\na")
    assert all(line.isprintable() for line in printed.split("\n"))


def test_a_sentence_with_a_text_has_no_control_character(capsys: pytest.CaptureFixture[str]) -> None:
    say(f"one\n{HOSTILE}")
    say(HOSTILE, err=True)
    for printed in capsys.readouterr():
        assert all(line.isprintable() for line in printed.split("\n"))


def test_everything_that_commands_print_goes_one_way() -> None:
    """Motte's own drawings are in screen.py and progress.py; doctor prints a word with its colour."""
    ways = {
        file.relative_to(SERVER).as_posix()
        for file in SERVER.rglob("*.py")
        if re.search(r"click\.s?echo\(|\bprint\(|std(?:out|err)\.write\(", file.read_text())
    }
    assert {way for way in ways if way.startswith("cli/")} == {
        "cli/common/output.py",
        "cli/common/progress.py",
        "cli/doctor/command.py",
    }
