"""What keeps `motte serve` from starting, told before anything starts."""

import json
import shutil
import socket
import sqlite3
import tempfile
from collections.abc import Callable, Generator
from contextlib import closing
from pathlib import Path

import pytest

from server.cli.serve import preflight, start
from server.cli.serve.launch import NODE
from server.core.paths import StateFolder
from server.isolation.confinement import Offered
from store.sqlite.schema import MIGRATIONS
from tests.cli.conftest import Run, became
from tests.cli.samples import furnish, furnish_session

Install = Callable[[str], None]


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Install:
    """A source folder of our own, where a test chooses which Baileys is installed."""
    root = tmp_path / "root"
    (root / "connector").mkdir(parents=True)
    (root / "connector" / "package.json").write_text(json.dumps({"dependencies": {"baileys": "7.0.0-rc14"}}))
    monkeypatch.setattr(preflight, "ROOT", root)

    def install(version: str) -> None:
        baileys = root / "connector" / "node_modules" / "baileys"
        baileys.mkdir(parents=True)
        (baileys / "package.json").write_text(json.dumps({"version": version}))

    return install


def test_a_second_serve_on_the_same_state_folder_is_refused(run: Run, folder: StateFolder) -> None:
    folder.path.mkdir(mode=0o700)
    with socket.socket(socket.AF_UNIX) as supervisord:
        supervisord.bind(str(folder.supervisor_socket))
        supervisord.listen()
        result = run("serve", "--listen", "127.0.0.1:0")
    assert result.exit_code == 1
    assert f"another `motte serve` runs on the state folder {folder.path}" in result.stderr


def test_one_that_started_meanwhile_keeps_its_address(
    run: Run, folder: StateFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket(socket.AF_UNIX) as supervisord:

        def meanwhile(*_: object) -> None:
            supervisord.bind(str(folder.supervisor_socket))
            supervisord.listen()
            folder.front.write_text("{}")

        monkeypatch.setattr(start, "_prepare_database", meanwhile)
        result = run("serve", "--listen", "127.0.0.1:0")
    assert result.exit_code == 1
    assert "another `motte serve` runs on the state folder" in result.stderr
    assert folder.front.exists()


def test_a_socket_that_a_dead_supervisord_left_behind_is_no_obstacle(run: Run, folder: StateFolder) -> None:
    folder.path.mkdir(mode=0o700)
    with socket.socket(socket.AF_UNIX) as supervisord:
        supervisord.bind(str(folder.supervisor_socket))
    became(run("serve", "--listen", "127.0.0.1:0"))


@pytest.mark.parametrize(
    ("option", "variable"),
    [("--listen", "MOTTE_LISTEN"), ("--sandbox-listen", "MOTTE_SANDBOX_LISTEN")],
)
def test_a_port_that_is_taken_is_reported_with_the_settings_that_choose_another(
    run: Run, option: str, variable: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        address = f"127.0.0.1:{other.getsockname()[1]}"
        result = run("serve", "--sandbox", "--listen", "127.0.0.1:0", option, address)
    assert result.exit_code == 1
    assert (
        f"cannot listen on {address}: Address already in use; choose another with {option} or {variable}\n"
        in result.stderr
    )


@pytest.fixture
def short() -> Generator[Path]:
    """A folder whose path leaves room for those of a state folder."""
    place = Path(tempfile.mkdtemp(prefix="motte-"))
    yield place
    shutil.rmtree(place)


@pytest.mark.parametrize("found", [".", "state", "state/deep"])
def test_a_start_that_is_refused_leaves_no_trace(run: Run, short: Path, found: str) -> None:
    (short / found).mkdir(parents=True, exist_ok=True)
    before = sorted(short.rglob("*"))
    result = run("serve", "--state", str(short / "state" / "deep"), "--listen", "192.0.2.1:8090")
    assert result.exit_code == 1
    assert sorted(short.rglob("*")) == before


def test_a_start_that_is_refused_leaves_what_was_there(run: Run, folder: StateFolder) -> None:
    furnish(folder)
    furnish_session(folder, "shop", linked=True)
    before = sorted(folder.path.rglob("*"))
    assert run("serve", "--listen", "192.0.2.1:8090").exit_code == 1
    assert sorted(folder.path.rglob("*")) == before


def test_an_address_of_another_host_is_refused(run: Run) -> None:
    result = run("serve", "--listen", "192.0.2.1:8090")
    assert "cannot listen on 192.0.2.1:8090: Cannot assign requested address" in result.stderr


def test_an_ipv6_address_can_be_listened_on(run: Run) -> None:
    became(run("serve", "--listen", "[::1]:0"))


def test_a_missing_baileys_is_reported_with_the_command_that_installs_it(
    run: Run, installed: Install
) -> None:
    result = run("serve")
    assert result.exit_code == 1
    assert "Baileys 7.0.0-rc14 is wanted, none is installed: remove " in result.stderr
    assert "then run `make install`" in result.stderr


def test_another_baileys_than_the_pinned_one_is_refused(run: Run, installed: Install) -> None:
    installed("7.0.0-rc13")
    assert "Baileys 7.0.0-rc14 is wanted, 7.0.0-rc13 is installed" in run("serve").stderr


def test_the_pinned_baileys_is_fine(run: Run, installed: Install) -> None:
    installed("7.0.0-rc14")
    became(run("serve", "--listen", "127.0.0.1:0"))


def test_a_missing_node_is_reported(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(preflight, "NODE", tmp_path / "node")
    assert "Node is missing" in run("serve").stderr


def test_a_node_of_the_operator_runs_the_connectors(run: Run, tmp_path: Path) -> None:
    node = tmp_path / "my node"
    node.symlink_to(NODE)
    program = became(run("serve", "--listen", "127.0.0.1:0", "--node", str(node)))
    assert program.environ["MOTTE_NODE"] == str(node)


def test_node_is_tried_without_what_may_be_secret(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = tmp_path / "seen"
    node = tmp_path / "node"
    node.write_text(f"#!/bin/sh\nenv >> '{seen}'\nexec '{NODE}' \"$@\"\n")
    node.chmod(0o755)
    for name, value in {
        "MOTTE_API_KEY": "correct-horse-battery-staple-1234",
        "MOTTE_PROXY": "http://user:password@127.0.0.1:3128",
        "AWS_SECRET_ACCESS_KEY": "secret",
    }.items():
        monkeypatch.setenv(name, value)
    became(run("serve", "--listen", "127.0.0.1:0", "--node", str(node)))
    for word in ("MOTTE_API_KEY", "password", "AWS_"):
        assert word not in seen.read_text()
    assert seen.read_text().count("PWD=") >= len(["its version", "whether it runs"])


@pytest.mark.parametrize(
    ("says", "problem"),
    [
        (None, "does not run"),
        ("v22.20.0", "is Node v22.20.0, and Motte needs 24 or newer"),
        ("no", "is no Node"),
    ],
)
def test_a_node_of_the_operator_that_cannot_be_used_is_refused(
    run: Run, folder: StateFolder, tmp_path: Path, says: str | None, problem: str
) -> None:
    node = tmp_path / "node"
    if says:
        node.write_text(f"#!/bin/sh\necho {says}\n")
        node.chmod(0o755)
    result = run("serve", "--node", str(node))
    assert result.exit_code == 2
    assert f"MOTTE_NODE: {node} {problem}" in result.stderr
    assert not folder.path.exists()


@pytest.mark.skipif(not Offered.here().landlock, reason="no Landlock")
def test_a_script_that_starts_node_is_refused_unless_isolation_is_off(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "node"
    script.write_text(f"#!/bin/sh\nexec '{NODE}' \"$@\"\n")
    script.chmod(0o755)
    became(run("serve", "--listen", "127.0.0.1:0", "--node", str(script)))
    monkeypatch.setenv("MOTTE_CONNECTOR_ISOLATION", "on")
    result = run("serve", "--listen", "127.0.0.1:0", "--node", str(script))
    assert result.exit_code == 2
    assert "Name Node itself, not a script that starts it" in result.stderr


def test_a_folder_that_is_plainly_somebody_elses_is_not_taken_over(run: Run, folder: StateFolder) -> None:
    folder.path.mkdir(mode=0o755)
    (folder.path / "letter.txt").touch()
    result = run("serve")
    assert result.exit_code == 1
    assert "neither empty nor a state folder" in result.stderr
    assert folder.path.stat().st_mode & 0o777 == 0o755


@pytest.mark.parametrize("name", ["lost+found", ".snapshot", "@eaDir"])
def test_what_a_new_volume_holds_is_passed_over(run: Run, folder: StateFolder, name: str) -> None:
    folder.path.mkdir(mode=0o755)
    (folder.path / name).mkdir(mode=0o700)
    became(run("serve", "--listen", "127.0.0.1:0"))
    assert (folder.path / name).is_dir()


def test_a_key_with_quotes_around_it_is_a_warning(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTTE_API_KEY", f'"{"key-" * 10}with0123"')
    result = run("serve", "--listen", "127.0.0.1:0")
    became(result)
    assert "the value of MOTTE_API_KEY has quotes around it" in result.stderr


@pytest.mark.parametrize("holds", ["nothing", "motte.db"])
def test_an_empty_folder_or_a_restored_one_is_closed_to_others(
    run: Run, folder: StateFolder, holds: str
) -> None:
    folder.path.mkdir(mode=0o755)
    if holds != "nothing":
        (folder.path / holds).touch()
    became(run("serve", "--listen", "127.0.0.1:0"))
    assert folder.path.stat().st_mode & 0o777 == 0o700


def test_a_state_folder_that_is_a_file_is_reported(run: Run, folder: StateFolder) -> None:
    folder.path.touch()
    result = run("serve")
    assert result.exit_code == 1
    assert "the state folder cannot be used" in result.stderr


@pytest.mark.parametrize("name", ["motte.db", "admin.key", "front.lock", "front.fifo", "supervisor.sock"])
def test_a_folder_in_the_place_of_a_file_is_reported(run: Run, folder: StateFolder, name: str) -> None:
    folder.path.mkdir(mode=0o700)
    (folder.path / name).mkdir()
    result = run("serve")
    assert result.exit_code == 1
    assert f"{folder.path / name} is a folder, but Motte needs a file there" in result.stderr


@pytest.mark.parametrize("name", ["logs", "sessions", "cache"])
def test_a_file_in_the_place_of_a_folder_is_reported(run: Run, folder: StateFolder, name: str) -> None:
    folder.path.mkdir(mode=0o700)
    (folder.path / name).touch()
    result = run("serve")
    assert result.exit_code == 1
    assert f"{folder.path / name} is not a folder, but Motte needs one there" in result.stderr


def test_a_database_of_a_newer_motte_is_reported_with_both_schemas(run: Run, folder: StateFolder) -> None:
    furnish(folder)
    with closing(sqlite3.connect(folder.database)) as connection:
        connection.execute("PRAGMA user_version = 999")
    result = run("serve", "--listen", "127.0.0.1:0")
    assert result.exit_code == 1
    assert f"the database has schema 999, this Motte knows {len(MIGRATIONS)}: update it" in result.stderr


@pytest.mark.parametrize("left", ["nothing", "an empty file"])
def test_linked_accounts_without_a_database_are_reported_and_no_database_is_made(
    run: Run, folder: StateFolder, left: str
) -> None:
    furnish(folder)
    furnish_session(folder, "shop", linked=True)
    folder.database.unlink()
    if left != "nothing":
        folder.database.touch(mode=0o600)
    result = run("serve", "--listen", "127.0.0.1:0")
    assert result.exit_code == 1
    assert "holds the credentials of linked accounts" in result.stderr
    assert not folder.database.exists() or folder.database.stat().st_size == 0
