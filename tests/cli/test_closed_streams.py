"""Commands whose standard input, output and error are closed, full, or unable to show every letter."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from server.cli.serve.launch import ROOT

#: Ends a process that would have become supervisord, with an exit code of its own.
SUPERVISORD = "import os; os.execve = lambda *_: os._exit(77)"


def motte(*arguments: str, script: str = 'exec "$@"', **environ: str) -> subprocess.CompletedProcess[bytes]:
    """`motte ARGUMENTS` as a process of a shell, which may close or replace its streams."""
    command = [sys.executable, "-c", f"{SUPERVISORD}; from server.cli import main; main()", *arguments]
    return subprocess.run(
        ["sh", "-c", script, "sh", *command], cwd=ROOT, env={**os.environ, **environ}, capture_output=True
    )


@pytest.mark.parametrize("script", ['exec "$@" >&-', 'exec "$@" >/dev/full', 'exec "$@" <&- >&- 2>&-'])
def test_serve_starts_whatever_its_output_is(script: str) -> None:
    ended = motte("serve", "--listen", "127.0.0.1:0", script=script)
    assert (ended.returncode, ended.stderr) == (77, b"")


def test_a_closed_stream_is_not_mistaken_for_a_file_that_is_opened_later(tmp_path: Path) -> None:
    ended = motte("serve", "--listen", "127.0.0.1:0", script='exec "$@" <&- >&- 2>&-')
    assert ended.returncode == 77
    for file in (tmp_path / "state").rglob("*"):
        assert not file.is_file() or b"its own servers" not in file.read_bytes()


@pytest.mark.parametrize("arguments", [["--version"], ["serve", "--help"], ["doctor"]])
def test_a_full_output_is_one_sentence_where_the_output_is_the_result(arguments: list[str]) -> None:
    ended = motte(*arguments, script='exec "$@" >/dev/full')
    assert ended.returncode == 1
    assert ended.stderr == b"Error: the output could not be written: No space left on device\n"
