"""What the kernel and its limits must allow, said before anything starts."""

import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import click
import pytest

from server.cli.serve import host
from server.cli.serve.launch import ROOT, temporary_folder
from tests.cli.conftest import Run, became
from tests.deploy.namespaces import UNSHARE, has_namespaces

#: Makes a process of this test unlike the host.
SetLimit = Callable[[int, int], None]


@pytest.fixture
def limit(monkeypatch: pytest.MonkeyPatch) -> SetLimit:
    """A host that has this limit. Lowering it for real would last for the whole test run."""
    real = resource.getrlimit

    def set_limit(kind: int, value: int) -> None:
        monkeypatch.setattr(
            resource, "getrlimit", lambda asked: (value, value) if asked == kind else real(asked)
        )

    return set_limit


def test_few_open_files_are_a_warning_that_says_for_how_many_sessions(run: Run, limit: SetLimit) -> None:
    limit(resource.RLIMIT_NOFILE, 512)
    result = run("serve", "--listen", "127.0.0.1:0")
    became(result)
    assert "at most 512 files may be open here, enough for about 137 sessions: raise" in result.stderr


@pytest.mark.parametrize("files", [host.FEW_OPEN_FILES, resource.RLIM_INFINITY])
def test_enough_open_files_are_no_warning(
    limit: SetLimit, files: int, capsys: pytest.CaptureFixture[str]
) -> None:
    limit(resource.RLIMIT_NOFILE, files)
    host.check_open_files()
    assert capsys.readouterr().err == ""


def test_as_many_open_files_as_are_needed_are_enough_and_one_fewer_is_refused(limit: SetLimit) -> None:
    limit(resource.RLIMIT_NOFILE, host.MIN_OPEN_FILES)
    host.check_open_files()
    limit(resource.RLIMIT_NOFILE, host.MIN_OPEN_FILES - 1)
    with pytest.raises(click.ClickException, match=r"at most 127 files .* Motte needs 128 at least: raise"):
        host.check_open_files()


def test_a_file_may_be_as_large_as_is_needed_and_one_byte_less_is_refused(limit: SetLimit) -> None:
    limit(resource.RLIMIT_FSIZE, host.MIN_FILE_BYTES)
    host.check_file_size()
    limit(resource.RLIMIT_FSIZE, host.MIN_FILE_BYTES - 1)
    with pytest.raises(click.ClickException, match=r"a file may have at most 67108863 bytes .*ulimit -f"):
        host.check_file_size()


@pytest.mark.parametrize("user", [0, 1000])
def test_a_user_may_have_as_many_processes_as_are_needed_and_root_has_no_limit(
    limit: SetLimit, monkeypatch: pytest.MonkeyPatch, user: int
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: user)
    limit(resource.RLIMIT_NPROC, host.MIN_PROCESSES)
    host.check_processes()
    limit(resource.RLIMIT_NPROC, host.MIN_PROCESSES - 1)
    if user == 0:
        host.check_processes()
    else:
        with pytest.raises(click.ClickException, match=r"at most 63 processes and threads"):
            host.check_processes()


def test_without_proc_the_sentence_says_what_to_mount(tmp_path: Path) -> None:
    with pytest.raises(click.ClickException, match=r"uptime cannot be read \(No such file .* mount /proc"):
        host.check_proc((tmp_path / "uptime",))


def test_a_host_without_a_temporary_folder_gets_the_state_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert temporary_folder(tmp_path) == {}

    def gone() -> str:
        raise FileNotFoundError

    monkeypatch.setattr(tempfile, "gettempdir", gone)
    assert temporary_folder(tmp_path) == {"TMPDIR": str(tmp_path)}


def supervisord(tmp_path: Path, *lines: str) -> subprocess.CompletedProcess[str]:
    """A start of supervisord by itself, with another configuration."""
    (tmp_path / "conf").write_text("\n".join(["[supervisord]", "nodaemon=true", *lines]))
    return subprocess.run(
        [sys.executable, "-m", "server.supervisor_plugin.daemon", "-c", str(tmp_path / "conf")],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("minfds=999999999", "The minimum number of file descriptors"),
        ("logfile=/nowhere/log", "The directory named as part of the path /nowhere/log does not exist"),
        ("logfile=/proc/log", "/proc/log: "),
        ("umask=x", "x can not be converted to an octal type"),
    ],
)
def test_what_supervisord_itself_refuses_is_one_sentence_and_exit_code_1(
    tmp_path: Path, line: str, said: str
) -> None:
    ended = supervisord(tmp_path, f"pidfile={tmp_path}/pid", line)
    assert ended.returncode == 1
    [sentence] = ended.stderr.splitlines()
    assert sentence.startswith("Error: supervisord cannot start: ")
    assert said in sentence


@pytest.mark.parametrize("command", [["keys", "list"], ["doctor"], ["sessions", "list"]])
@has_namespaces
def test_without_proc_every_command_is_readable(command: list[str]) -> None:
    hidden = 'umount -R -l /proc; exec "$@"'
    motte = [sys.executable, "-m", "server", *command]
    ended = subprocess.run(
        [*UNSHARE, "--mount", "sh", "-c", hidden, "sh", *motte], cwd=ROOT, capture_output=True, text=True
    )
    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr
