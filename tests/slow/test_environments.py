"""Whatever the environment holds, Motte starts or says in one sentence why not, and leaves no trace."""

import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, NoReturn
from unittest.mock import patch

from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings

from server.cli import main
from server.cli.serve.launch import ROOT
from server.core.settings.definitions import PREFIX
from tests.slow.environments import CIRCUMSTANCES, Circumstances, environs, options

EXAMPLES = int(os.environ.get("EXAMPLES", "100"))

#: Of real processes, which take a second each.
PROCESSES = max(EXAMPLES // 20, 5)

#: Exit code that stands for a process that became supervisord.
BECAME = 77

many = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
some = settings(max_examples=PROCESSES, deadline=None, suppress_health_check=list(HealthCheck))

#: What an error about a setting begins with: its name, or that of an option.
NAMED = re.compile(r"Error: (MOTTE_\S*|--[a-z-]+|XDG_STATE_HOME)[ :]")


class Ended(NamedTuple):
    """How a command ended."""

    code: int
    errors: str


@contextmanager
def folder() -> Generator[Path]:
    """A folder with a file, and a folder that has another use."""
    place = Path(tempfile.mkdtemp(prefix="motte-"))
    (place / "file").touch()
    (place / "used").mkdir(mode=0o755)
    (place / "used" / "letter.txt").touch()
    (place / "home").mkdir()
    yield place
    shutil.rmtree(place)


def contents(place: Path) -> set[str]:
    return {os.fsencode(path).hex() for path in place.rglob("*")}


def variables(environ: Mapping[str, str], place: Path) -> dict[str, str]:
    """A whole environment: that of the tests without their settings, and the example's."""
    foreign = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    chosen = {name: value.replace("{}", str(place)) for name, value in environ.items()}
    return {**foreign, "HOME": str(place / "home"), **chosen}


def serve_here(
    words: Sequence[str], environ: Mapping[str, str], place: Path, circumstances: Circumstances
) -> Ended:
    """`motte serve` in this process, up to the moment when it would become supervisord.

    Of the circumstances, umask and working folder count.
    """
    before, mask = Path.cwd(), os.umask(circumstances.umask)

    def become(*_: object) -> NoReturn:
        sys.exit(BECAME)

    enter(place, circumstances)
    try:
        with patch.dict(os.environ, environ, clear=True), patch.object(os, "execve", become):
            result = CliRunner().invoke(main, ["serve", *words])
    finally:
        os.chdir(before)
        os.umask(mask)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
    return Ended(result.exit_code, result.stderr)


def enter(place: Path, circumstances: Circumstances) -> None:
    """Make it the working folder; or one that is removed."""
    os.chdir(place)
    if not circumstances.has_folder:
        gone = tempfile.mkdtemp(dir=place)
        os.chdir(gone)
        Path(gone).rmdir()


def run(words: Sequence[str], environ: Mapping[str, str], place: Path, circumstances: Circumstances) -> Ended:
    """`motte` as a process; it ends where it would become supervisord."""

    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    files = min(circumstances.files, most)

    def suffer() -> None:
        enter(place, circumstances)
        os.umask(circumstances.umask)
        if not circumstances.has_input:
            os.close(0)
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
        if circumstances.file_size is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (circumstances.file_size, circumstances.file_size))

    program = f"import os; os.execve = lambda *_: os._exit({BECAME}); from server.cli import main; main()"
    ended = subprocess.run(
        [sys.executable, "-c", program, *words],
        preexec_fn=suffer,
        env={**environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=120,
    )
    return Ended(ended.returncode, ended.stderr.decode(errors="replace"))


def assert_it_starts_or_says_why(ended: Ended, place: Path, before: set[str]) -> None:
    lines = [line for line in ended.errors.splitlines() if not line.startswith("Warning: ")]
    assert "Traceback" not in ended.errors
    assert ended.code in (BECAME, 1, 2), ended
    if ended.code == BECAME:
        assert lines == []
        return
    assert contents(place) == before
    assert lines
    assert all(line.startswith("Error: ") and line.isprintable() for line in lines), lines
    if ended.code == 2:
        assert all(NAMED.match(line) for line in lines), lines
    else:
        assert len(lines) == 1


@many
@given(environs(), options(), CIRCUMSTANCES)
def test_in_any_environment_serve_starts_or_says_why(
    environ: dict[str, str], words: list[str], circumstances: Circumstances
) -> None:
    with folder() as place:
        before = contents(place)
        ended = serve_here(words, variables(environ, place), place, circumstances)
        assert_it_starts_or_says_why(ended, place, before)


@some
@given(environs(), options(), CIRCUMSTANCES)
def test_a_process_does_the_same(
    environ: dict[str, str], words: list[str], circumstances: Circumstances
) -> None:
    words = [word for word in words if "\0" not in word]
    with folder() as place:
        before = contents(place)
        ended = run(["serve", *words], variables(environ, place), place, circumstances)
        assert_it_starts_or_says_why(ended, place, before)


@some
@given(environs(), CIRCUMSTANCES)
def test_doctor_reports_in_any_environment_and_changes_nothing(
    environ: dict[str, str], circumstances: Circumstances
) -> None:
    with folder() as place:
        before = contents(place)
        ended = run(["doctor"], variables(environ, place), place, circumstances)
        assert ended.code in (0, 1, 2)
        assert "Traceback" not in ended.errors
        assert ended.code != 2 or all(NAMED.match(line) for line in ended.errors.splitlines())
        assert contents(place) == before
