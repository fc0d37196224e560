"""`motte doctor`: each thing that can be wrong is told with what to do."""

import json
import re
import shutil
import sqlite3
from contextlib import closing
from importlib import import_module
from pathlib import Path

import pytest

from server.cli.doctor import command, state_folder
from server.cli.doctor.clock_check import check_clock
from server.cli.doctor.finding import Finding, Verdict
from server.cli.doctor.installation import OWN_NODE_ADVICE
from server.cli.doctor.state_folder import check_disk, check_permissions
from server.cli.doctor.stored_sessions import check_database
from server.cli.doctor.version import UNSET_ADVICE
from server.cli.serve.launch import SANDBOX_ROOT_KEY
from server.core.clock import SystemClock
from server.core.paths import StateFolder
from server.whatsapp_version import cache
from server.whatsapp_version.cache import InUse, Known, Source
from server.whatsapp_version.revisions import BUILT_IN, version_of
from store.records.sessions import Status
from store.sqlite.integrity import NEWEST_SCHEMA, count_proxies
from tests.cli.conftest import Run, is_wrong
from tests.cli.samples import add, furnish_session
from tests.cli.test_installation import node_that_says
from tests.support.shell import page

#: The module, whose name in its package is the command's.
COMMAND = import_module("server.cli.doctor.command")


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTTE_WHATSAPP_URL", "ws://127.0.0.1:1/ws/chat")


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
