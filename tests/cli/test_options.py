"""Settings on the command line."""

import re

import pytest

from server.cli.common.options import metavar
from server.core.paths import StateFolder
from server.core.settings.definitions import SETTINGS, Setting
from tests.cli.conftest import Run, became


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_every_setting_is_an_option_of_serve_whose_help_names_the_variable(
    run: Run, setting: Setting
) -> None:
    shown = run("serve", "--help").output
    assert setting.option in shown
    assert setting.name in shown


@pytest.mark.parametrize(
    ("option", "takes"),
    [
        ("--state", "FOLDER"),
        ("--listen", "HOST:PORT"),
        ("--sandbox-listen", "HOST:PORT"),
        ("--qr-timeout", "SECONDS"),
        ("--message-retention", "SECONDS"),
        ("--public-url", "URL"),
        ("--log-format", "text|json"),
        ("--connector-memory", "MIB"),
    ],
)
def test_the_help_says_what_kind_of_value_an_option_takes(run: Run, option: str, takes: str) -> None:
    assert re.search(rf"{option} {re.escape(takes)}\s", run("serve", "--help").output)


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_no_option_of_a_setting_takes_mere_text(setting: Setting) -> None:
    """server/cli/common/options.py has what each parser takes."""
    assert metavar(setting) != "TEXT"


def test_every_problem_is_on_a_line_of_its_own_and_the_exit_code_is_2(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOTTE_QR_TIMEOUT", "soon")
    monkeypatch.setenv("MOTTE_QR_TIMOUT", "30")
    result = run("serve", "--listen", "nowhere", "--refresh-timeout", "-1")
    assert result.exit_code == 2
    told = result.stderr.splitlines()
    assert all(line.startswith("Error: ") for line in told)
    for name in ("MOTTE_LISTEN", "MOTTE_QR_TIMEOUT", "MOTTE_REFRESH_TIMEOUT", "MOTTE_QR_TIMOUT"):
        assert any(name in line for line in told)


def test_a_bad_setting_leaves_no_state_folder(run: Run, folder: StateFolder) -> None:
    run("serve", "--qr-timeout", "soon")
    assert not folder.path.exists()


def test_the_value_of_a_bad_setting_is_not_shown(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTTE_API_KEY", "secret with spaces")
    assert "secret" not in run("serve").output


def test_an_option_wins_over_the_environment(
    run: Run, monkeypatch: pytest.MonkeyPatch, free_port: int
) -> None:
    monkeypatch.setenv("MOTTE_LISTEN", "127.0.0.1:1")
    monkeypatch.setenv("MOTTE_QR_TIMEOUT", "7")
    environ = became(run("serve", "--listen", f"127.0.0.1:{free_port}")).environ
    assert environ["MOTTE_LISTEN"] == f"127.0.0.1:{free_port}"
    assert environ["MOTTE_QR_TIMEOUT"] == "7.0"


def test_ctl_needs_no_setting_but_the_state_folder(
    run: Run, monkeypatch: pytest.MonkeyPatch, folder: StateFolder
) -> None:
    monkeypatch.setenv("MOTTE_QR_TIMEOUT", "soon")
    monkeypatch.setenv("MOTTE_API_KEY", "motte_secret")
    folder.path.mkdir()
    folder.supervisor_socket.touch()
    environ = became(run("ctl", "status")).environ
    assert environ["MOTTE_STATE"] == str(folder.path)
    assert "MOTTE_API_KEY" not in environ


def test_ctl_reports_that_nothing_runs(run: Run, folder: StateFolder) -> None:
    result = run("ctl", "status")
    assert (result.exit_code, f"no motte serve runs on {folder.path}" in result.output) == (3, True)


def test_ctl_hands_every_argument_on(run: Run, folder: StateFolder) -> None:
    folder.path.mkdir()
    folder.supervisor_socket.touch()
    arguments = became(run("ctl", "tail", "-1000", "front", "--help")).arguments
    assert arguments[-4:] == ["tail", "-1000", "front", "--help"]


@pytest.mark.parametrize("late", [["--state", "elsewhere"], ["--state=elsewhere"]])
def test_ctl_says_that_state_comes_before_its_arguments(run: Run, late: list[str]) -> None:
    result = run("ctl", "shutdown", *late)
    assert result.exit_code == 2
    assert "--state comes before the arguments: motte ctl --state FOLDER status" in result.stderr
