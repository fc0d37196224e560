"""Where the state is kept, and how long that path may be."""

import pwd
import socket
from pathlib import Path
from typing import NoReturn

import pytest

from server.core.paths import StateFolder
from server.core.settings.environment import ConfigError, read
from server.core.settings.validators import SOCKET_SUFFIX
from tests.server.core.settings_read import accepted, problems


def test_the_state_is_kept_in_the_home_folder_where_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ann")

    assert read({}).state == Path("/home/ann/.local/state/motte")


def test_the_state_is_kept_where_the_desktop_keeps_states() -> None:
    assert read({"XDG_STATE_HOME": "/var/states"}).state == Path("/var/states/motte")


def test_a_relative_place_for_states_is_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ann")

    assert read({"XDG_STATE_HOME": "states"}).state == Path("/home/ann/.local/state/motte")


def test_a_relative_state_folder_is_the_same_one_for_every_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    assert accepted(MOTTE_STATE="motte").state == tmp_path / "motte"


def test_the_longest_state_folder_has_room_for_the_socket_as_supervisord_binds_it() -> None:
    longest = Path("/" + "s" * 82)

    state = accepted(MOTTE_STATE=str(longest)).state

    with socket.socket(socket.AF_UNIX) as unix, pytest.raises(FileNotFoundError):  # and not: path too long
        unix.bind(f"{StateFolder(state).supervisor_socket}{SOCKET_SUFFIX}")


def test_a_state_folder_too_long_for_the_socket_is_told_how_much_to_cut() -> None:
    (problem,) = problems({"MOTTE_STATE": "/" + "s" * 89})

    assert problem == (
        "MOTTE_STATE must be a path of at most 83 bytes, 7 fewer than now: "
        "supervisord binds supervisor.sock.<pid> in it, and a unix socket's path has 107"
    )


def test_a_state_folder_has_83_bytes_at_most() -> None:
    longest = "/" + "s" * 82
    assert accepted(MOTTE_STATE=longest).state == Path(longest)
    (problem,) = problems({"MOTTE_STATE": f"{longest}s"})
    assert "at most 83 bytes, 1 fewer" in problem


def test_a_state_folder_is_measured_in_bytes() -> None:
    (problem,) = problems({"MOTTE_STATE": "/" + "é" * 45})

    assert "at most 83 bytes, 8 fewer" in problem


@pytest.mark.parametrize("home", [None, "", "~"])
def test_without_a_home_folder_a_state_folder_has_to_be_named(
    home: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(number: int) -> NoReturn:
        raise KeyError(number)

    monkeypatch.setattr(pwd, "getpwuid", unknown)
    if home is None:
        monkeypatch.delenv("HOME", raising=False)
    else:
        monkeypatch.setenv("HOME", home)
    rule = "MOTTE_STATE must be a path without ~, because there is no home folder: HOME is not set"
    with pytest.raises(ConfigError, match=rule):
        read({})
    assert read({"MOTTE_STATE": "/srv/motte"}).state == Path("/srv/motte")
