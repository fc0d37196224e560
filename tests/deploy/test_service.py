"""The systemd unit, held against what it runs."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import AsyncGenerator
from configparser import RawConfigParser
from pathlib import Path

import pytest

from server.cli.common.options import BadSettings
from server.cli.serve.launch import CONFIGURATION, NODE, ROOT
from server.core.settings.definitions import SETTINGS
from server.core.settings.environment import read
from server.supervisor_plugin.rlimits import MAX_OPEN_FILES
from tests.deploy import unit
from tests.deploy.namespaces import UNSHARE, has_namespaces
from tests.support.motte import Motte
from tests.support.phones import Phones, Sandbox
from tests.support.serve import Serve

SAMPLE = (ROOT / "deploy" / "motte.env").read_text()

#: systemd's own verdict is below this: 0 is a process that may do nothing, 10 one that may do anything.
EXPOSURE = 2.0

#: What `ProtectSystem=strict` and `PrivateTmp` do: all is read-only but the folder that is named first, and
#: a place for temporary files, which supervisord asks for.
READ_ONLY = (
    """mount --bind "$0" "$0"; mount -t tmpfs tmpfs /var/tmp; mount -o remount,bind,ro /; exec "$@" """
)
APART = [*UNSHARE, "--mount"]

has_systemd = pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd-analyze")


def assignments(text: str) -> dict[str, str]:
    """What the lines set, those that are commented out included."""
    return dict(re.findall(r"^#?(MOTTE_[A-Z_]+)=(.*)$", text, re.MULTILINE))


def test_each_variable_is_a_setting_with_a_value_that_is_taken() -> None:
    given = dict(assignment.split("=", 1) for assignment in unit.directives()["Environment"])
    given |= assignments(SAMPLE)
    assert set(given) <= {setting.name for setting in SETTINGS}
    read(given)


def test_what_the_sample_shows_as_defaults_are_the_defaults() -> None:
    defaults = {setting.name: setting.default for setting in SETTINGS}
    shown = assignments(SAMPLE)
    shown.pop("MOTTE_RATE_LIMIT")  # an example: there is no limit by default
    assert {name: value or None for name, value in shown.items()} == {name: defaults[name] for name in shown}


def test_the_state_folder_is_the_one_that_systemd_makes_and_keeps_private() -> None:
    assert unit.one("Environment") == f"MOTTE_STATE=/var/lib/{unit.one('StateDirectory')}"
    assert unit.one("StateDirectoryMode") == "0700"
    assert unit.one("UMask") == "0077"


def test_it_runs_the_command_that_make_installs() -> None:
    program, *arguments = shlex.split(unit.one("ExecStart"))
    assert Path(program) == ROOT / ".venv" / "bin" / "motte"
    assert os.access(program, os.X_OK)
    assert arguments == ["serve"]


def test_it_gives_more_time_to_stop_than_all_programs_take_one_after_the_other() -> None:
    config = RawConfigParser()
    config.read(CONFIGURATION)
    sections = ("program:front", "rpcinterface:motte", "program:sandbox")
    longest = sum(float(config[section]["stopwaitsecs"]) for section in sections)
    assert float(unit.one("TimeoutStopSec")) > longest
    assert unit.one("KillMode") == "mixed"


def test_it_starts_again_what_ended_but_not_with_a_wrong_setting() -> None:
    assert unit.one("Restart") == "always"
    assert int(unit.one("RestartPreventExitStatus")) == BadSettings.exit_code


def test_one_process_that_the_kernel_kills_does_not_stop_the_others() -> None:
    assert unit.one("OOMPolicy") == "continue"


def test_as_many_files_may_be_opened_as_motte_would_take() -> None:
    assert int(unit.one("LimitNOFILE")) == MAX_OPEN_FILES


def test_what_v8_and_the_clock_need_is_not_taken_away() -> None:
    assert not {"MemoryDenyWriteExecute", "ProcSubset"} & set(unit.directives())


@has_systemd
def test_systemd_finds_nothing_wrong_with_it(tmp_path: Path) -> None:
    found = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", written(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout + found.stderr == ""


@has_systemd
def test_systemd_finds_it_little_exposed(tmp_path: Path) -> None:
    command = ["systemd-analyze", "security", "--offline=true", "--no-pager", written(tmp_path)]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    verdict = re.search(r"Overall exposure level for motte.service: ([0-9.]+)", told)
    assert verdict is not None
    assert float(verdict[1]) < EXPOSURE


@pytest.fixture
async def confined() -> AsyncGenerator[Motte]:
    """Motte as the unit runs it: under its filters, in a file system of which it may change one folder."""
    sandbox = Sandbox()
    serve = Confined(sandbox.settings)
    try:
        async with Phones(sandbox.control_url) as phones, Motte.opened(serve, phones) as motte:
            yield motte
    finally:
        serve.stop()
        serve.remove()
        sandbox.stop()


class Confined(Serve):
    """A `motte serve` that systemd might have started."""

    def start(self) -> None:
        self.folder.path.mkdir(exist_ok=True)
        super().start()

    def command(self) -> list[str]:
        filters = [sys.executable, "-m", "tests.deploy.confined"]
        return [*APART, "sh", "-ec", READ_ONLY, str(self.folder.path), *filters, *super().command()]


@has_systemd
@has_namespaces
async def test_a_session_pairs_under_its_filters_and_where_only_the_state_folder_can_be_written(
    confined: Motte,
) -> None:
    await confined.connect()
    process = Path(f"/proc/{await confined.pid()}")
    status = (process / "status").read_text()
    assert re.search(r"^Seccomp:\t2$", status, re.MULTILINE)
    assert re.search(r"^NoNewPrivs:\t1$", status, re.MULTILINE)
    with pytest.raises(OSError, match="Read-only"):
        (process / "root" / str(ROOT).lstrip("/") / "deploy" / "written").touch()


@has_systemd
def test_names_are_looked_up_under_its_filters() -> None:
    """The C library would ask for the host's addresses first, by a family that the unit does not allow."""
    look_up = "require('node:dns').lookup('localhost', error => process.exit(error ? 1 : 0))"
    confined = [sys.executable, "-m", "tests.deploy.confined", str(NODE), "--eval", look_up]
    subprocess.run(confined, cwd=ROOT, check=True)


def written(folder: Path) -> str:
    """The unit as a file, for the Motte that is tested."""
    path = folder / "motte.service"
    path.write_text(unit.text())
    return str(path)
