"""`motte doctor`: each thing that can be wrong is told with what to do."""

import asyncio
import fcntl
import json
import re
import shutil
import socket
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from server.cli.doctor import command, processes, state_folder
from server.cli.doctor.clock_check import check_clock
from server.cli.doctor.connectivity import Endpoint, check_whatsapp
from server.cli.doctor.finding import Finding, Verdict
from server.cli.doctor.installation import OWN_NODE_ADVICE
from server.cli.doctor.processes import (
    REQUEST_TIMEOUT_SECONDS,
    check_api,
    check_connectors,
    check_supervisord,
    check_webhooks,
)
from server.cli.doctor.state_folder import check_disk, check_permissions
from server.cli.doctor.stored_sessions import (
    check_credentials,
    check_database,
    check_orphans,
    check_servers,
)
from server.cli.doctor.version import UNSET_ADVICE
from server.cli.serve.launch import SANDBOX_ROOT_KEY
from server.cluster.leader_lock import LeaderLock
from server.connectors.supervisor_client import Program, SupervisorClient
from server.core.clock import SystemClock
from server.core.paths import StateFolder
from server.webhooks.fields import BY_CALLER
from server.whatsapp_version import cache
from server.whatsapp_version.cache import InUse, Known, Source
from server.whatsapp_version.revisions import BUILT_IN, version_of
from store.records.sessions import Status
from store.records.webhooks import Webhook
from store.sqlite.integrity import NEWEST_SCHEMA, count_proxies
from tests.cli.conftest import Run, is_wrong
from tests.cli.samples import add, furnish, furnish_session, in_store
from tests.cli.test_installation import node_that_says
from tests.support.shell import page

#: The module, whose name in its package is the command's.
COMMAND = import_module("server.cli.doctor.command")

NOWHERE = Endpoint("127.0.0.1", 1, tls=False)


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTTE_WHATSAPP_URL", f"ws://{NOWHERE}/ws/chat")


@pytest.fixture
def motte(folder: StateFolder) -> StateFolder:
    furnish(folder)
    return folder


def test_a_sound_installation_is_0_and_each_line_begins_with_its_verdict(
    run: Run, motte: StateFolder
) -> None:
    result = run("doctor")
    assert result.exit_code == 0, result.output
    assert {line.split()[0] for line in result.stdout.splitlines() if line[0] != " "} == {"ok", "warning"}
    assert "not running" in result.stdout


@pytest.mark.parametrize(
    ("words", "verdict", "advice"),
    [
        ("v24.0.0", "warning", "update {}"),
        ("v99.0.0", "ok", None),
        ("v23.11.1", "wrong", OWN_NODE_ADVICE),
    ],
)
def test_the_node_that_is_checked_is_that_of_the_operator(
    run: Run,
    motte: StateFolder,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    words: str,
    verdict: str,
    advice: str,
) -> None:
    own = node_that_says(words, tmp_path)
    monkeypatch.setenv("MOTTE_NODE", str(own))
    checks = json.loads(run("doctor", "--output", "json").stdout)["checks"]
    [found] = [check for check in checks if check["check"] == "node"]
    assert str(own) in found["detail"]
    assert (found["verdict"], found["advice"]) == (verdict, advice and advice.format(own))


def test_isolation_that_the_operator_turned_off_is_a_warning(
    run: Run, motte: StateFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOTTE_CONNECTOR_ISOLATION", "off")
    checks = json.loads(run("doctor", "--output", "json").stdout)["checks"]
    [found] = [check for check in checks if check["check"] == "isolation"]
    assert (found["verdict"], found["advice"]) == ("warning", "unset MOTTE_CONNECTOR_ISOLATION")


def test_the_docs_have_a_row_for_each_check_in_the_same_order(run: Run, motte: StateFolder) -> None:
    checks = [finding["check"] for finding in json.loads(run("doctor", "--output", "json").stdout)["checks"]]
    section = page("commands.md").partition("## `motte doctor`")[2].partition("\n## ")[0]
    rows = [re.findall("`([a-z ]+)`", row) for row in re.findall(r"^\| (`[^|]*) \|", section, re.MULTILINE)]
    assert [name for names in rows for name in names] == checks


def test_nothing_is_tried_on_the_folder_of_a_stopped_sandbox(
    run: Run, motte: StateFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MOTTE_WHATSAPP_URL")
    monkeypatch.setattr(COMMAND, "check_whatsapp", lambda *_, **__: pytest.fail("it tries"))
    furnish_session(motte, "shop", linked=True, server=SANDBOX_ROOT_KEY)
    result = run("doctor")
    assert "whatsapp: not tried: these sessions belong to the sandbox" in result.stdout


def test_nothing_is_tried_if_the_sandbox_ran_last_and_linked_nobody(
    run: Run, motte: StateFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MOTTE_WHATSAPP_URL")
    monkeypatch.setattr(COMMAND, "check_whatsapp", lambda *_, **__: pytest.fail("it tries"))
    in_use = InUse(version=version_of(BUILT_IN), source=Source.BUILT_IN, built_at=0, is_simulated=True)
    cache.save(motte.whatsapp_version, Known(in_use=in_use))
    assert "not tried" in run("doctor").stdout


def test_in_a_folder_without_motte_nothing_is_wrong_and_nothing_is_made(
    run: Run, folder: StateFolder
) -> None:
    assert run("doctor").exit_code == 0
    assert not folder.path.exists()


def test_one_wrong_thing_is_1(run: Run, motte: StateFolder) -> None:
    motte.database.chmod(0o644)
    result = run("doctor", "--output", "json")
    report = json.loads(result.stdout)
    assert (result.exit_code, report["ok"]) == (1, False)
    (found,) = [check for check in report["checks"] if check["verdict"] == "wrong"]
    assert found["check"] == "permissions"
    assert str(motte.database) in found["detail"]
    assert "chmod" in found["advice"]


def test_bad_settings_are_reported_and_the_other_checks_are_still_made(
    run: Run, motte: StateFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOTTE_QR_TIMEOUT", "soon")
    result = run("doctor")
    assert result.exit_code == 1
    assert "settings: MOTTE_QR_TIMEOUT must be seconds" in result.stdout
    assert "clock:" in result.stdout


def test_the_third_open_file_and_those_after_it_are_counted(motte: StateFolder) -> None:
    for name in "abcde":
        (motte.logs / name).touch(mode=0o644)
    assert is_wrong(check_permissions(motte), "and 2 more")


def test_a_disk_that_fills_up_is_a_warning_and_a_full_one_wrong(
    motte: StateFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = shutil.disk_usage(motte.path).free
    monkeypatch.setattr(state_folder, "DISK_WARNING_BYTES", free * 2)
    assert check_disk(motte).verdict is Verdict.WARNING
    monkeypatch.setattr(state_folder, "DISK_MINIMUM_BYTES", free * 2)
    assert is_wrong(check_disk(motte), "MiB free")


def test_a_damaged_database_is_wrong_and_a_backup_the_advice(motte: StateFolder) -> None:
    motte.database.write_bytes(motte.database.read_bytes()[:4096] + b"\xff" * 40_960)
    finding = check_database(motte)
    assert finding.verdict is Verdict.WRONG
    assert "motte restore" in str(finding.advice)


def test_a_database_of_a_newer_motte_is_wrong(motte: StateFolder) -> None:
    with closing(sqlite3.connect(motte.database)) as connection:
        connection.execute("PRAGMA user_version = 99")
    assert is_wrong(check_database(motte), f"schema 99, this Motte knows {NEWEST_SCHEMA}")


def test_a_supervisord_that_does_not_answer_is_wrong(
    motte: StateFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "SupervisorClient", partial(SupervisorClient, within=0.1))
    with socket.socket(socket.AF_UNIX) as supervisord:
        supervisord.bind(str(motte.supervisor_socket))
        supervisord.listen()
        finding = asyncio.run(check_supervisord(motte))
    assert is_wrong(finding, "supervisord does not answer")


class Listing:
    """A supervisord that lists these programs."""

    def __init__(self, *programs: Program) -> None:
        self._programs = programs

    async def list(self) -> list[Program]:
        return list(self._programs)

    async def close(self) -> None:
        pass


def test_a_sandbox_that_runs_on_the_folder_next_to_it_is_named(motte: StateFolder) -> None:
    assert asyncio.run(check_supervisord(motte)).detail == "not running"
    own = StateFolder(motte.path.with_name("state-sandbox"))
    furnish(own)
    with closing(LeaderLock(own)) as front:
        assert front.take()
        found = asyncio.run(check_supervisord(motte))
    assert found.verdict is Verdict.OK
    assert found.detail == f"not running; a sandbox runs on {own.path}: add --state {own.path}"


@pytest.mark.parametrize(
    ("state_name", "tries", "is_found"),
    [("RUNNING", 0, False), ("BACKOFF", 2, False), ("BACKOFF", 9, True), ("FATAL", 5, True)],
)
def test_a_connector_that_crashes_again_and_again_is_named(
    motte: StateFolder, monkeypatch: pytest.MonkeyPatch, state_name: str, tries: int, is_found: bool
) -> None:
    program = Program("shop", state_name, None, 1, tries, None)
    monkeypatch.setattr(processes, "SupervisorClient", lambda socket: Listing(program))
    monkeypatch.setattr(processes, "supervisord_runs", lambda folder: True)
    finding = asyncio.run(check_connectors(motte))
    assert (finding.verdict is Verdict.WARNING) == is_found
    assert (f"shop ({tries})" in finding.detail) == is_found


def asked(folder: StateFolder, url: str, *, within: float = REQUEST_TIMEOUT_SECONDS) -> Finding:
    """What is found where a front holds the lock and says that it listens there."""
    folder.front.write_text(json.dumps({"url": url, "pid": 1}))
    with closing(LeaderLock(folder)) as front:
        assert front.take()
        return asyncio.run(check_api(folder, within=within))


def test_a_front_that_hangs_is_wrong(motte: StateFolder) -> None:
    """The kernel goes on taking connections for it."""
    with socket.create_server(("127.0.0.1", 0)) as front:
        url = f"http://127.0.0.1:{front.getsockname()[1]}"
        finding = asked(motte, url, within=0.2)
    assert is_wrong(finding, "no answer within 0.2 seconds")
    assert "motte ctl restart front" in str(finding.advice)


def test_a_front_that_does_not_listen_is_wrong(motte: StateFolder) -> None:
    assert is_wrong(asked(motte, "http://127.0.0.1:1"), "nobody answers at http://127.0.0.1:1")


def test_webhooks_without_a_process_that_delivers_are_a_warning(motte: StateFolder) -> None:
    assert check_webhooks(motte).detail == "not running"
    with closing(LeaderLock(motte)) as front:
        assert front.take()
        assert check_webhooks(motte).detail == "none"
        webhook = Webhook(id="wh_1", url="http://127.0.0.1:1/", secret="", give_up_after=60, created_at=0)
        in_store(motte, lambda store: store.webhooks.add(webhook, most=1))
        assert check_webhooks(motte).verdict is Verdict.WARNING
        motte.deliverer.mkdir()
        with motte.deliverer_lock.open("w") as lock:
            assert check_webhooks(motte).verdict is Verdict.WARNING
            fcntl.flock(lock, fcntl.LOCK_EX)
            assert check_webhooks(motte).verdict is Verdict.OK


def test_webhooks_that_fail_or_that_motte_disabled_are_a_warning_with_the_reason(motte: StateFolder) -> None:
    """One that a caller disabled is as the caller wants it."""

    def finding_of(**trouble: Any) -> Finding:
        webhook = Webhook(
            id="wh_1", url="http://127.0.0.1:1/", secret="", give_up_after=60, created_at=0, **trouble
        )
        in_store(motte, lambda store: store.webhooks.delete("wh_1"))
        in_store(motte, lambda store: store.webhooks.add(webhook, most=1))
        return check_webhooks(motte)

    motte.deliverer.mkdir()
    with closing(LeaderLock(motte)) as front, motte.deliverer_lock.open("w") as lock:
        assert front.take()
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert finding_of(disabled=BY_CALLER).verdict is Verdict.OK
        failing = finding_of(failing_since=1, failure="HTTP 500")
        disabled = finding_of(disabled="the webhook answered 410 Gone")
    assert {failing.verdict, disabled.verdict} == {Verdict.WARNING}
    assert failing.detail == "1, of which 1 fail or are disabled: wh_1 (HTTP 500)"
    assert disabled.detail.endswith(": wh_1 (the webhook answered 410 Gone)")


@pytest.mark.parametrize(("status", "verdict"), [(200, Verdict.OK), (503, Verdict.WRONG)])
def test_whether_the_front_can_work_is_its_own_word(
    motte: StateFolder, status: int, verdict: Verdict
) -> None:
    async def readiness(request: web.Request) -> web.Response:
        return web.json_response({"code": "store-unavailable", "detail": "locked"}, status=status)

    async def ask() -> Finding:
        app = web.Application()
        app.router.add_get("/readyz", readiness)
        async with TestServer(app) as server:
            return await asyncio.to_thread(asked, motte, str(server.make_url("")).rstrip("/"))

    finding = asyncio.run(ask())
    assert finding.verdict is verdict
    assert ("store-unavailable: locked" in finding.detail) is (verdict is Verdict.WRONG)


def test_a_boot_clock_off_the_one_of_node_is_wrong(tmp_path: Path) -> None:
    clock = SystemClock()
    assert check_clock(clock).verdict is Verdict.OK
    uptime = tmp_path / "uptime"
    uptime.write_text(f"{clock.boot() + 5} 0\n")
    assert is_wrong(check_clock(clock, uptime), "the boot clock is -5.0 s off")


def test_a_year_before_motte_is_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SystemClock()
    monkeypatch.setattr(clock, "wall", lambda: 0)
    assert is_wrong(check_clock(clock), "the year is 1970")


def test_an_endpoint_that_answers_is_ok() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        there = Endpoint("127.0.0.1", server.getsockname()[1], tls=False)
        assert check_whatsapp(there).verdict is Verdict.OK


def test_an_endpoint_that_refuses_is_a_warning() -> None:
    finding = check_whatsapp(NOWHERE)
    assert finding.verdict is Verdict.WARNING
    assert "127.0.0.1:1: it cannot be reached: Connection refused" in finding.detail


def test_an_endpoint_that_falls_silent_is_a_warning_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        silent = Endpoint("127.0.0.1", server.getsockname()[1], tls=True)
        others = threading.enumerate()
        finding = check_whatsapp(silent, within=0.2)
        # Without the server, Python's ssl would leave the socket open that it has begun to wrap.
        for thread in set(threading.enumerate()) - set(others):
            thread.join()
    assert finding.verdict is Verdict.WARNING


def test_a_name_that_cannot_be_resolved_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "create_connection", unknown)
    assert "cannot be resolved" in check_whatsapp(Endpoint("web.whatsapp.com", 443, tls=True)).detail


@pytest.mark.parametrize(
    ("url", "endpoint"),
    [
        ("wss://web.whatsapp.com/ws/chat", Endpoint("web.whatsapp.com", 443, tls=True)),
        ("ws://[::1]:8091/ws/chat", Endpoint("::1", 8091, tls=False)),
    ],
)
def test_the_endpoint_is_the_one_of_the_url(url: str, endpoint: Endpoint) -> None:
    assert Endpoint.of(url) == endpoint


def test_credentials_of_a_session_that_the_database_does_not_know_are_a_warning(motte: StateFolder) -> None:
    assert check_orphans(motte).verdict is Verdict.OK
    furnish_session(motte, "gone", linked=True)
    furnish_session(motte, "never", linked=False)
    finding = check_orphans(motte)
    assert finding.verdict is Verdict.WARNING
    assert "database: gone" in finding.detail
    assert "--linked-orphans" in (finding.advice or "")


def test_sessions_of_two_servers_in_one_folder_are_a_warning(motte: StateFolder) -> None:
    assert check_servers(motte).detail == "no session is linked"
    furnish_session(motte, "shop", linked=True, server=SANDBOX_ROOT_KEY)
    assert check_servers(motte) == ("linked with", Verdict.OK, "the sandbox (shop)", None)
    for session_id in ("a", "b", "c", "d"):
        furnish_session(motte, session_id, linked=True)
    finding = check_servers(motte)
    assert finding.verdict is Verdict.WARNING
    assert finding.detail == "the sandbox (shop) and WhatsApp itself (a, b, c and 1 more)"


def test_credentials_of_linked_sessions_that_are_all_there_are_fine(motte: StateFolder) -> None:
    add(motte, "shop", Status.CONNECTED, phone="15551234567", linked=True)
    add(motte, "waiting", Status.QR_WAITING)
    add(motte, "left", Status.LOGGED_OUT, phone="15551234567")
    finding = check_credentials(motte)
    assert (finding.verdict, finding.detail) == (Verdict.OK, "1 linked, all there")


def _remove(file: Path) -> None:
    file.unlink()


def _spoil(file: Path) -> None:
    file.write_bytes(b"no database at all " * 300)


def _unlink_account(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("DELETE FROM credentials")


def _make_newer(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA user_version = 99")


@pytest.mark.parametrize(
    ("happen", "said"),
    [
        (_remove, "shop (missing)"),
        (_spoil, "shop (cannot be read)"),
        (_unlink_account, "shop (without an account)"),
        (_make_newer, "shop (a newer Motte's)"),
    ],
)
def test_credentials_that_are_gone_or_damaged_are_reported_with_their_session(
    motte: StateFolder, happen: Callable[[Path], None], said: str
) -> None:
    add(motte, "shop", Status.CONNECTED, phone="15551234567", linked=True)
    happen(motte.session("shop").path / "connector.db")
    assert is_wrong(check_credentials(motte), said)


def test_before_the_first_front_the_version_is_that_of_the_settings(
    run: Run, folder: StateFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert f"{version_of(BUILT_IN)}, built in" in run("doctor").stdout
    monkeypatch.setenv("MOTTE_WHATSAPP_VERSION", "2.3000.1035194821")
    shown = run("doctor").stdout
    assert "2.3000.1035194821, set by MOTTE_WHATSAPP_VERSION" in shown
    assert UNSET_ADVICE in shown


def test_own_proxies_are_counted(motte: StateFolder) -> None:
    add(motte, "shop", Status.STARTING)
    assert count_proxies(motte.database) == 0
    with closing(sqlite3.connect(motte.database)) as database, database:
        database.execute("UPDATE sessions SET proxy = 'http://h:1' WHERE id = 'shop'")
    assert count_proxies(motte.database) == 1


def test_verdicts_have_no_colour_where_the_person_wants_none(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("click.utils.should_strip_ansi", lambda *_: False)
    finding = Finding("clock", Verdict.OK, "right")
    monkeypatch.setenv("NO_COLOR", "")
    command._say(finding)
    assert "\x1b[" in capsys.readouterr().out
    monkeypatch.setenv("NO_COLOR", "1")
    command._say(finding)
    assert "\x1b" not in capsys.readouterr().out
