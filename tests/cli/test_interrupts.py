"""Ctrl-C before a command has begun: while Python imports the program, and while the options are read."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.interrupts import heed_interrupts

#: What Ctrl-C does to a process, at the place where this line stands.
INTERRUPT = "import os, signal; os.kill(os.getpid(), signal.SIGINT)"

SCRIPT = str(Path(sys.executable).with_name("motte"))


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """An environment in which the import of click is interrupted, which is before anything can be handled."""
    (tmp_path / "click.py").write_text(INTERRUPT)
    return {**os.environ, "PYTHONPATH": str(tmp_path)}


@pytest.mark.parametrize("command", [(SCRIPT,), (sys.executable, "-m", "server")], ids=["script", "module"])
def test_ctrl_c_while_a_command_is_loaded_ends_it_silently(
    command: tuple[str, ...], environ: dict[str, str]
) -> None:
    ended = _run(*command, "sessions", "list", environ=environ)
    assert (ended.returncode, ended.stdout, ended.stderr) == (130, "", "")


@pytest.mark.parametrize("command", [(SCRIPT,), (sys.executable, "-m", "server")], ids=["script", "module"])
def test_ctrl_c_while_what_one_command_needs_is_loaded_ends_it_silently(
    command: tuple[str, ...], tmp_path: Path
) -> None:
    """Each command is imported when it is asked for. A library must not see an exception then."""
    catching = (
        f"try:\n    {INTERRUPT}\nexcept KeyboardInterrupt:\n    raise ImportError('caught') from None\n"
    )
    (tmp_path / "aiohttp.py").write_text(catching)
    ended = _run(*command, "sessions", "list", environ={**os.environ, "PYTHONPATH": str(tmp_path)})
    assert (ended.returncode, ended.stdout, ended.stderr) == (130, "", "")


def test_ctrl_c_while_the_options_are_read_ends_a_command_silently() -> None:
    program = f"""
import click
from server import entry_point
from server.cli import main
class Interrupted(click.ParamType):
    name = "interrupted"
    def convert(self, value, parameter, context):
        {INTERRUPT}
        return value
main.params.append(click.Option(["--at"], type=Interrupted(), is_eager=True))
entry_point.main(["--at", "1", "doctor"])
"""
    ended = _run(sys.executable, "-c", program)
    assert (ended.returncode, ended.stdout, ended.stderr) == (130, "", "")


def test_a_command_that_has_begun_handles_ctrl_c_itself() -> None:
    program = f"""
import click
from server import entry_point
from server.cli import main
@main.command()
def wait():
    try:
        {INTERRUPT}
    except KeyboardInterrupt:
        click.echo("handled")
entry_point.main(["wait"])
"""
    ended = _run(sys.executable, "-c", program)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "handled\n", "")


def test_a_command_whose_shell_ignores_ctrl_c_goes_on(environ: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "click.py").write_text(f"{INTERRUPT}\nraise SystemExit('loaded')")
    command = f"trap '' INT; exec {SCRIPT}"
    ended = subprocess.run(["sh", "-c", command], env=environ, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (1, "loaded\n")


def _run(*command: str, environ: dict[str, str] | None = None) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        command, env=environ, capture_output=True, text=True, check=False, preexec_fn=heed_interrupts
    )
