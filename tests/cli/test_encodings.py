"""Output that the environment's encoding cannot show."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable, Generator

import pytest
from click.testing import CliRunner, Result

from server.cli import main
from server.cli.common.streams import HANDLER
from server.cli.serve.launch import ROOT, environment
from server.core.paths import StateFolder
from server.core.settings.environment import read
from store.records.sessions import Session, Status
from tests.cli.conftest import Run, became
from tests.cli.samples import furnish, in_store
from tests.cli.sessions.api import FakeApi, session
from tests.cli.sessions.test_codes import LINK
from tests.cli.stand_in import leading, serving

#: A name with letters that latin-1 has and lacks.
NAME = "Café 商店"

#: How each encoding shows it.
SHOWN = {"latin-1": r"Café \u5546\u5e97", "ascii": r"Caf\xe9 \u5546\u5e97", "utf-8": NAME}

Motte = Callable[..., Result]

encodings = pytest.mark.parametrize("encoding", SHOWN)


@pytest.fixture
def api() -> FakeApi:
    return FakeApi()


@pytest.fixture
def motte(api: FakeApi, folder: StateFolder) -> Generator[Motte]:
    """Run `motte sessions …` with an encoding, while the fake API answers in the name of a front."""

    async def call(encoding: str, arguments: tuple[str, ...]) -> Result:
        async with serving(folder, api.app()):
            runner = CliRunner(charset=encoding)
            return await asyncio.to_thread(runner.invoke, main, ["sessions", *arguments])

    with leading(folder):
        yield lambda encoding, *arguments: asyncio.run(call(encoding, arguments))


@pytest.fixture
def stopped(folder: StateFolder) -> StateFolder:
    """A Motte that does not run, with a session of that name."""
    furnish(folder)
    named = Session(id="shop", name=NAME, status=Status.STOPPED, created_at=0, updated_at=0)
    in_store(folder, lambda store: store.sessions.add(named))
    return folder


@pytest.mark.parametrize("encoding", ["latin-1", "ascii"])
@pytest.mark.parametrize("arguments", [["qr", "shop"], ["qr", "shop", "--output", "table"]])
def test_a_code_that_cannot_be_drawn_is_a_scan_link(
    motte: Motte, api: FakeApi, encoding: str, arguments: list[str]
) -> None:
    api.answer = session() | {"url": LINK, "expiresAt": "2100-01-01T00:00:00.000Z"}
    result = motte(encoding, *arguments)
    assert result.exit_code == 0, result.output
    assert api.asked[-1] == "POST /sessions/shop/scan-link"
    assert result.stdout.splitlines()[-1] == LINK
    assert "The code is drawn with blocks, which " in result.stdout
    assert "\\u" not in result.stdout


def test_a_code_that_can_be_drawn_is_no_link(motte: Motte, api: FakeApi) -> None:
    assert "▄" in motte("utf-8", "qr", "shop").stdout
    assert api.asked == ["GET /sessions/shop"]


@encodings
def test_as_json_the_code_is_there_in_any_encoding(motte: Motte, api: FakeApi, encoding: str) -> None:
    api.answer = session(name=NAME)
    for arguments in (("qr", "shop"), ("show", "shop")):
        assert json.loads(motte(encoding, *arguments, "--output", "json").stdout)["name"] == NAME
    assert not [asked for asked in api.asked if "scan-link" in asked]


@encodings
@pytest.mark.parametrize("arguments", [["sessions", "list"], ["sessions", "show", "shop"]])
def test_names_in_lists_are_shown_plainly_or_as_escapes(
    stopped: StateFolder, encoding: str, arguments: list[str]
) -> None:
    result = CliRunner(charset=encoding).invoke(main, arguments)
    assert result.exit_code == 0, result.output
    assert SHOWN[encoding] in result.stdout


@encodings
def test_a_table_with_escapes_is_aligned(stopped: StateFolder, encoding: str) -> None:
    listed = CliRunner(charset=encoding).invoke(main, ["sessions", "list"]).stdout
    head, row = listed.splitlines()
    column = head.index("CHANGED")
    assert row[column - 1] == " " != row[column]


@encodings
@pytest.mark.parametrize(
    "arguments", [["--help"], ["doctor"], ["cleanup", "--dry-run"], ["sessions", "delete", "shop", "--yes"]]
)
def test_no_command_fails_because_of_the_encoding(
    stopped: StateFolder, encoding: str, arguments: list[str]
) -> None:
    result = CliRunner(charset=encoding).invoke(main, arguments)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception


def test_letters_of_our_own_sentences_are_replaced_by_what_reads_alike() -> None:
    assert "Connecting … 7".encode("ascii", HANDLER) == b"Connecting ... 7"


@pytest.mark.parametrize(
    ("environ", "shown"),
    [
        ({"PYTHONUTF8": "0", "PYTHONIOENCODING": "latin-1"}, SHOWN["latin-1"].encode("latin-1")),
        ({"PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii", "LC_ALL": "C"}, SHOWN["ascii"].encode()),
        ({"LANG": "C", "LC_ALL": "C"}, NAME.encode()),
        ({"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, SHOWN["ascii"].encode()),
    ],
)
def test_a_process_follows_its_environment(
    stopped: StateFolder, environ: dict[str, str], shown: bytes
) -> None:
    clean = {
        name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG", "PYTHON"))
    }
    command = [sys.executable, "-m", "server", "sessions", "list"]
    ended = subprocess.run(command, cwd=ROOT, env=clean | environ, capture_output=True)
    assert ended.returncode == 0, ended.stderr
    assert shown in ended.stdout


def test_the_database_is_made_and_migrated_in_any_locale(folder: StateFolder) -> None:
    ascii_ = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    serve = "import os; os.execve = lambda *_: os._exit(77); from server.cli import main; main()"
    command = [sys.executable, "-c", serve, "serve", "--listen", "127.0.0.1:0"]
    assert subprocess.run(command, cwd=ROOT, env=os.environ | ascii_, capture_output=True).returncode == 77
    assert folder.database.is_file()


def test_the_processes_and_their_logs_are_utf_8_whatever_the_terminal_is(run: Run) -> None:
    base = {"PYTHONIOENCODING": "latin-1", "PYTHONUTF8": "0"}
    made = environment(read({"MOTTE_STATE": "/srv/motte"}), base)
    assert (made["PYTHONIOENCODING"].partition(":")[0], made["PYTHONUTF8"]) == ("utf-8", "1")


@encodings
def test_ctl_writes_in_the_encoding_of_the_terminal(
    run: Run, folder: StateFolder, encoding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.path.mkdir()
    folder.supervisor_socket.touch()
    result = CliRunner(charset=encoding).invoke(main, ["ctl", "status"])
    assert became(result).environ["PYTHONIOENCODING"] == f"{encoding}:backslashreplace"
