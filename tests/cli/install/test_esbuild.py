"""esbuild runs only if it is complete and as it was published."""

import os
import platform
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from server.cli.doctor.packages import CONNECTOR, DIGESTS, document
from server.cli.install import esbuild
from server.cli.install.bundler import ensure_bundle
from server.cli.install.esbuild import PROCESSORS, check_esbuild, esbuild_packages
from server.core.bundle import BUNDLE, MODULES, program

BUNDLER = CONNECTOR / "bundler"
JAVASCRIPT, PROGRAM = esbuild_packages(esbuild._processor())


class Npm:
    """Stands for npm: installs the packages of this folder, except those that it cannot fetch."""

    def __init__(self) -> None:
        self.runs = 0
        self.unreachable: set[str] = set()

    def __call__(self, bundler: Path, **_: object) -> None:
        self.runs += 1
        shutil.rmtree(bundler / "node_modules", ignore_errors=True)
        for name in {JAVASCRIPT, PROGRAM} - self.unreachable:
            shutil.copytree(BUNDLER / name, bundler / name)


@pytest.fixture
def npm(monkeypatch: pytest.MonkeyPatch) -> Npm:
    """The npm that installs esbuild."""
    fake = Npm()
    monkeypatch.setattr(esbuild, "npm_ci", fake)
    return fake


@pytest.fixture
def bundler(connector: Path) -> Path:
    """The folder of a connector that has esbuild, in files of its own."""
    (connector / "bundler" / "node_modules").unlink()
    for name in (JAVASCRIPT, PROGRAM):
        shutil.copytree(BUNDLER / name, connector / "bundler" / name)
    return connector / "bundler"


def build(bundler: Path) -> list[str]:
    """Returns what was said."""
    said: list[str] = []
    ensure_bundle(bundler.parent, os.environ, said.append)
    return said


def test_a_release_publishes_the_digests_of_esbuild_for_each_processor() -> None:
    check_esbuild(BUNDLER)
    names = {name for processor in PROCESSORS.values() for name in esbuild_packages(processor)}
    assert document(BUNDLER / DIGESTS).keys() == names


def remove_program(bundler: Path) -> None:
    shutil.rmtree(bundler / PROGRAM)


def cut_program_off(bundler: Path) -> None:
    os.truncate(bundler / PROGRAM / "bin" / "esbuild", 4096)


def forbid_program(bundler: Path) -> None:
    (bundler / PROGRAM / "bin" / "esbuild").chmod(0o644)


def change_javascript(bundler: Path) -> None:
    with (bundler / JAVASCRIPT / "lib" / "main.js").open("a") as file:
        file.write("require('fs').writeFileSync(__dirname + '/../../../ran', '')")


def add_file(bundler: Path) -> None:
    (bundler / JAVASCRIPT / "lib" / "index.js").touch()


@pytest.mark.parametrize(
    "change", [remove_program, cut_program_off, forbid_program, change_javascript, add_file]
)
def test_an_esbuild_that_is_not_as_it_was_published_is_fetched_again_and_never_run(
    bundler: Path, npm: Npm, change: Callable[[Path], None]
) -> None:
    change(bundler)
    assert build(bundler) == []
    assert npm.runs == 1
    assert program(bundler.parent) == (BUNDLE, None)
    assert not (bundler / "ran").exists()


def test_what_npm_left_out_is_named_and_the_next_installation_fetches_it(bundler: Path, npm: Npm) -> None:
    """npm takes the program for an optional package: if it cannot fetch that, it reports no error."""
    remove_program(bundler)
    npm.unreachable = {PROGRAM}
    [said] = build(bundler)
    assert f"npm did not install {PROGRAM.removeprefix('node_modules/')}" in said
    assert program(bundler.parent)[0] == MODULES
    npm.unreachable = set()
    assert build(bundler) == []
    assert program(bundler.parent) == (BUNDLE, None)


def test_variables_that_name_another_esbuild_or_change_node_do_not_reach_the_build(bundler: Path) -> None:
    foreign = {"ESBUILD_BINARY_PATH": "/bin/false", "NODE_OPTIONS": "--import /nowhere.js"}
    said: list[str] = []
    ensure_bundle(bundler.parent, {**os.environ, **foreign}, said.append)
    assert said == []
    assert program(bundler.parent) == (BUNDLE, None)


def test_for_a_processor_without_a_published_esbuild_connectors_run_on_plain_modules(
    bundler: Path, npm: Npm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")
    [said] = build(bundler)
    assert "no esbuild is known for the processor riscv64" in said
    assert npm.runs == 0
