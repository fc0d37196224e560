"""The sandbox and the real service never run with each other's sessions, and everybody sees which it is."""

import json
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from click.testing import Result

from server.cli.serve.launch import ROOT, SANDBOX_ROOT_KEY
from server.cli.serve.run_state import NotAccessible, front_runs
from server.cli.serve.server_identity import WHATSAPP_ROOT_KEY, sandbox_hint
from server.cluster.leader_lock import LeaderLock
from server.core.paths import StateFolder
from server.core.settings.environment import read
from store.records.sessions import Status
from tests.cli.conftest import Run, became
from tests.cli.samples import add, furnish, furnish_session

ANN = "15551234567"


@pytest.fixture
def serve(run: Run, free_port: int) -> Run:
    return lambda *options: run("serve", "--listen", f"127.0.0.1:{free_port}", *options)


@pytest.fixture
def sandbox(serve: Run) -> Run:
    return lambda *options: serve("--sandbox", "--sandbox-listen", "127.0.0.1:0", *options)


def linked(folder: StateFolder, session_id: str, server: str | None) -> None:
    add(folder, session_id, Status.CONNECTED, phone=ANN, linked=True, server=server)


def starts(result: Result) -> bool:
    became(result)
    return True


@pytest.mark.parametrize("server", ["whatsapp", None])
def test_the_sandbox_refuses_a_folder_with_accounts_of_the_real_whatsapp(
    sandbox: Run, motte: StateFolder, server: str | None
) -> None:
    linked(motte, "shop", server)
    result = sandbox()
    assert result.exit_code == 1
    assert "linked with WhatsApp itself (shop)" in result.stderr
    assert f"--state {motte.path}-sandbox" in result.stderr
    assert not motte.admin_key.exists()


def test_the_sandbox_starts_on_a_folder_of_its_own_and_on_an_empty_one(
    sandbox: Run, motte: StateFolder
) -> None:
    assert starts(sandbox())
    linked(motte, "shop", SANDBOX_ROOT_KEY)
    add(motte, "new", Status.QR_WAITING)
    assert starts(sandbox())


def test_the_real_service_refuses_a_folder_of_the_sandbox(serve: Run, motte: StateFolder) -> None:
    linked(motte, "shop", SANDBOX_ROOT_KEY)
    result = serve()
    assert result.exit_code == 1
    assert "linked with the sandbox (shop)" in result.stderr
    assert "or start the sandbox on this one: motte serve --sandbox\n" in result.stderr


def test_a_command_that_finds_nothing_running_names_the_start_that_the_folder_takes(
    run: Run, motte: StateFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hint(*options: str) -> str:
        refusal = run("messages", "shop", *options).stderr
        return refusal.partition("To start it: ")[2].partition(". If it uses")[0]

    assert hint() == "motte serve"
    motte.sandbox.write_text("{}")  # its sandbox was stopped before a phone scanned
    assert hint() == "motte serve --sandbox"
    monkeypatch.setenv("MOTTE_STATE", str(motte.path.with_name("other")))
    assert hint("--state", str(motte.path)) == f"motte serve --sandbox --state {motte.path}"
    monkeypatch.setenv("MOTTE_STATE", "x" * 200)
    assert hint("--state", str(motte.path)) == f"motte serve --sandbox --state {motte.path}"
    linked(motte, "shop", "whatsapp")  # from a backup
    assert hint("--state", str(motte.path)) == f"motte serve --state {motte.path}"


def test_the_real_service_starts_with_a_stray_session_of_the_sandbox_and_names_it(
    serve: Run, motte: StateFolder
) -> None:
    linked(motte, "stray", SANDBOX_ROOT_KEY)
    linked(motte, "shop", "whatsapp")
    result = serve()
    assert starts(result)
    assert "Warning" in result.stderr
    assert "linked with the sandbox (stray). They do not connect here." in result.stderr


@pytest.mark.parametrize(("server", "does_start"), [("ab" * 32, True), ("cd" * 32, False), (None, False)])
def test_another_server_is_known_by_its_root_key(
    serve: Run, motte: StateFolder, server: str | None, does_start: bool
) -> None:
    linked(motte, "shop", server)
    result = serve("--whatsapp-url", "ws://127.0.0.1:1/", "--whatsapp-root-key", "AB" * 32)
    if does_start:
        assert starts(result)
        return
    assert result.exit_code == 1
    advice = "name the server of these sessions with" if server else "unset"
    assert f"{advice} MOTTE_WHATSAPP_URL and MOTTE_WHATSAPP_ROOT_KEY" in result.stderr


def test_the_root_key_of_the_real_whatsapp_may_be_named(serve: Run, motte: StateFolder) -> None:
    linked(motte, "shop", "whatsapp")
    assert starts(serve("--whatsapp-root-key", WHATSAPP_ROOT_KEY))


def test_that_root_key_is_the_one_of_baileys() -> None:
    """tests/connector/session/server_identity.test.js holds the connector to the same text."""
    test = (ROOT / "tests" / "connector" / "session" / "server_identity.test.js").read_text()
    assert f"assert.equal(WHATSAPP_ROOT_KEY.toString('hex'), '{WHATSAPP_ROOT_KEY}')" in test


@pytest.mark.parametrize(
    ("environ", "path"),
    [
        ({"MOTTE_SANDBOX": "1"}, "/home/ann/.local/state/motte-sandbox"),
        ({"MOTTE_SANDBOX": "0"}, "/home/ann/.local/state/motte"),
        ({"MOTTE_SANDBOX": "1", "XDG_STATE_HOME": "/var/states"}, "/var/states/motte-sandbox"),
        ({"MOTTE_SANDBOX": "1", "MOTTE_STATE": "/srv/mine"}, "/srv/mine"),
    ],
)
def test_the_sandbox_has_a_folder_of_its_own_unless_one_is_named(
    monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], path: str
) -> None:
    monkeypatch.setenv("HOME", "/home/ann")
    assert read(environ).state == Path(path)


def test_the_sandbox_and_its_phones_agree_on_the_default(
    sandbox: Run, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MOTTE_STATE")
    # Short, unlike pytest's: a socket lies in the state folder, whose path may have 107 bytes.
    with TemporaryDirectory(prefix="motte-") as base:
        monkeypatch.setenv("XDG_STATE_HOME", base)
        assert became(sandbox()).environ["MOTTE_STATE"] == f"{base}/motte-sandbox"
        assert f"{base}/motte-sandbox" in run("sandbox", "scan", "shop").stderr


def test_a_command_on_the_wrong_folder_names_the_sandboxs_folder(run: Run, motte: StateFolder) -> None:
    own = StateFolder(motte.path.with_name("state-sandbox"))
    hint = f"a sandbox runs on {own.path}: add --state {own.path}"
    assert hint not in run("sessions", "create", "shop").stderr
    furnish(own)
    with closing(LeaderLock(own)) as front:
        assert front.take()
        assert hint in run("sessions", "create", "shop").stderr
        assert hint in run("ctl", "status").stderr
        motte.database.unlink()
        assert hint in run("sessions", "list").stderr


def test_a_folder_next_to_it_that_cannot_be_used_is_not_named(motte: StateFolder) -> None:
    """It may be another user's."""
    own = StateFolder(motte.path.with_name("state-sandbox"))
    own.path.touch()
    with pytest.raises(NotAccessible):
        front_runs(own)
    assert sandbox_hint(motte) == ""


def test_lists_say_that_the_sessions_are_the_sandboxs(run: Run, motte: StateFolder) -> None:
    linked(motte, "shop", "whatsapp")
    assert "Sandbox" not in run("sessions", "list").stderr
    linked(motte, "stray", SANDBOX_ROOT_KEY)
    assert "Sandbox" not in run("sessions", "list").stderr
    other = StateFolder(motte.path.with_name("other"))
    furnish(other)
    furnish_session(other, "shop", linked=True, server=SANDBOX_ROOT_KEY)
    shown = run("sessions", "list", "--state", str(other.path), "--output", "json")
    assert "Sandbox: these sessions are linked with a simulated WhatsApp." in shown.stderr
    assert json.loads(shown.stdout)["items"] == []
