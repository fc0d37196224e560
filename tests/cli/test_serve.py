"""`motte serve`, up to the moment when it becomes supervisord."""

import asyncio
import json
import os
import signal
import stat
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

import pytest
from click.testing import Result

from server import entry_point
from server.cli.serve.launch import NODE, ROOT, SANDBOX_ROOT_KEY, environment
from server.cli.serve.start import banner
from server.core import bundle
from server.core.paths import StateFolder
from server.core.settings.environment import read
from store.sqlite.keys import SqliteKeyStore
from store.sqlite.store import open_store
from tests.cli.conftest import Exec, Run, became

#: A key that a person chose.
GIVEN = "motte_chosen-by-a-person-0123456789"


@pytest.fixture
def serve(run: Run, free_port: int) -> Run:
    def serve(*options: str) -> Result:
        return run("serve", "--listen", f"127.0.0.1:{free_port}", *options)

    return serve


def key_names(folder: StateFolder) -> list[str]:
    async def names() -> list[str]:
        async with open_store(folder.database, boot_id="boot-1") as store:
            return [key.name for key in await store.keys.all()]

    return asyncio.run(names())


def key_named_by(folder: StateFolder, text: str) -> str | None:
    async def find() -> str | None:
        async with open_store(folder.database, boot_id="boot-1") as store:
            key = await store.keys.find(sha256(text.encode()).hexdigest())
            return None if key is None else key.name

    return asyncio.run(find())


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_it_becomes_supervisord_in_the_foreground_with_the_shipped_configuration(serve: Run) -> None:
    program = became(serve())
    assert program.arguments[1:] == [
        "-m",
        "server.supervisor_plugin.daemon",
        "--configuration",
        str(ROOT / "supervisord.conf"),
        "--nodaemon",
    ]
    assert Path.cwd() == ROOT


def test_ctrl_c_is_held_back_until_supervisord_has_loaded(serve: Run) -> None:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    became(serve())
    assert signal.SIGINT not in before
    assert signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, ())


def test_the_environment_of_the_processes_has_every_path(serve: Run, folder: StateFolder) -> None:
    environ = became(serve()).environ
    assert environ["MOTTE_STATE"] == str(folder.path)
    assert environ["MOTTE_ROOT"] == str(ROOT)
    assert environ["MOTTE_NODE"] == str(NODE)
    assert environ["MOTTE_SANDBOX"] == "0"
    assert "MOTTE_WHATSAPP_URL" not in environ


@pytest.mark.usefixtures("run")
def test_supervisord_gets_a_front_that_has_been_started_and_pipes_that_stay_open(free_port: int) -> None:
    with pytest.raises(Exec) as become:
        entry_point.main(["serve", "--listen", f"127.0.0.1:{free_port}"])
    pid, *ends = map(int, become.value.environ["MOTTE_EARLY_FRONT"].split())
    assert len({pid, *ends}) == 3


def test_connectors_run_the_bundle(serve: Run) -> None:
    result = serve()
    assert became(result).environ["MOTTE_CONNECTOR_PROGRAM"] == "bundle/main.cjs"
    assert "bundle" not in result.stderr


def test_without_a_usable_bundle_connectors_run_plain_modules_and_a_warning_says_why(
    serve: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    fault = bundle.Fault("was built from another main.js")
    monkeypatch.setattr(bundle, "fault_of", lambda *_: fault)
    result = serve()
    assert became(result).environ["MOTTE_CONNECTOR_PROGRAM"] == "main.js"
    assert "Warning: connectors run on plain modules" in result.stderr
    assert "the bundle was built from another main.js. To build it, run `make install`" in result.stderr


def test_the_environment_is_read_back_as_the_same_settings(serve: Run) -> None:
    environ = became(serve("--qr-lifetime", "2.5", "--rate-limit", "20")).environ
    settings = read(environ)
    assert (settings.qr_lifetime, settings.rate_limit) == (2.5, 20.0)


def test_the_state_folder_and_all_in_it_are_private(serve: Run, folder: StateFolder) -> None:
    serve()
    for path in (folder.path, folder.logs, folder.sessions):
        assert mode(path) == 0o700
    for path in (folder.database, folder.admin_key):
        assert mode(path) == 0o600
    assert os.umask(0o077) == 0o077


def test_the_first_start_makes_an_admin_key_and_the_second_keeps_it(serve: Run, folder: StateFolder) -> None:
    serve()
    first = folder.admin_key.read_text()
    serve()
    assert folder.admin_key.read_text() == first
    assert key_named_by(folder, first.strip()) == "admin"


def test_an_admin_key_is_shown_on_a_terminal_alone(serve: Run, folder: StateFolder) -> None:
    result = serve()
    assert folder.admin_key.read_text().strip() not in result.output
    assert str(folder.admin_key) in result.output
    settings = read({"MOTTE_STATE": str(folder.path)})
    assert "motte_new" in banner(settings, made="motte_new", to_terminal=True)
    assert "motte_new" not in banner(settings, made="motte_new", to_terminal=False)


def test_the_banner_has_the_version(serve: Run) -> None:
    assert f"Version   {version('motte')}" in serve().output.splitlines()


def test_the_banner_names_no_file_that_is_not_there(
    serve: Run, folder: StateFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOTTE_API_KEY", GIVEN)
    serve()
    monkeypatch.delenv("MOTTE_API_KEY")
    result = serve()
    assert not folder.admin_key.exists()
    assert str(folder.admin_key) not in result.output
    assert "motte keys list" in result.output


def test_a_key_in_the_environment_is_kept_as_its_digest_and_reaches_no_process(
    serve: Run, folder: StateFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOTTE_API_KEY", GIVEN)
    result = serve()
    assert key_named_by(folder, GIVEN) == "environment"
    assert GIVEN.encode() not in folder.database.read_bytes()
    assert "MOTTE_API_KEY" not in became(result).environ
    assert GIVEN not in result.output
    assert not folder.admin_key.exists()


def test_a_short_key_in_the_environment_is_refused_and_not_shown(
    serve: Run, folder: StateFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOTTE_API_KEY", "4711")
    result = serve()
    assert result.exit_code == 2
    assert "MOTTE_API_KEY must be at least 32 characters" in result.stderr
    assert "4711" not in result.output
    assert not folder.path.exists()


def test_a_new_key_in_the_environment_replaces_the_old_one(
    serve: Run, folder: StateFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    for key in (f"{GIVEN}-old", f"{GIVEN}-new"):
        monkeypatch.setenv("MOTTE_API_KEY", key)
        serve()
    assert key_named_by(folder, f"{GIVEN}-new") == "environment"
    assert key_names(folder) == ["environment"]


def test_a_start_that_ends_before_the_key_is_stored_makes_another_key(
    serve: Run, folder: StateFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(SqliteKeyStore, "add", None)
        serve()
    lost = folder.admin_key.read_text()
    serve()
    kept = folder.admin_key.read_text()
    assert kept != lost
    assert key_named_by(folder, kept.strip()) == "admin"


def test_with_the_sandbox_connectors_trust_the_sandbox_alone(serve: Run, free_port: int) -> None:
    environ = became(serve("--sandbox", "--sandbox-listen", "127.0.0.1:0")).environ
    assert environ["MOTTE_SANDBOX"] == "1"
    assert environ["MOTTE_SANDBOX_LISTEN"] != "127.0.0.1:0"
    assert environ["MOTTE_WHATSAPP_URL"] == f"ws://{environ['MOTTE_SANDBOX_LISTEN']}/ws/chat"
    assert environ["MOTTE_WHATSAPP_ROOT_KEY"] == SANDBOX_ROOT_KEY


def test_the_sandbox_and_another_endpoint_exclude_each_other(serve: Run) -> None:
    result = serve("--sandbox", "--whatsapp-url", "ws://127.0.0.1:1/")
    assert result.exit_code == 2
    assert "MOTTE_WHATSAPP_URL" in result.stderr


def test_addresses_of_an_earlier_run_are_forgotten(serve: Run, folder: StateFolder) -> None:
    folder.path.mkdir(mode=0o700)
    folder.front.write_text(json.dumps({"url": "http://127.0.0.1:1", "pid": 1}))
    folder.sandbox.write_text("{}")
    serve()
    assert not folder.front.exists()
    assert not folder.sandbox.exists()


def test_a_damaged_database_is_a_readable_error(serve: Run, folder: StateFolder) -> None:
    folder.path.mkdir(mode=0o700)
    folder.database.write_text("no database at all " * 100)
    result = serve()
    assert result.exit_code == 1
    assert "the database is damaged" in result.stderr


@pytest.mark.parametrize("zone", [{"TZ": "Asia/Kathmandu"}, {}])
def test_supervisord_writes_utc_wherever_the_host_is(zone: dict[str, str]) -> None:
    assert environment(read({"HOME": "/nowhere"}), zone)["TZ"] == "UTC"
