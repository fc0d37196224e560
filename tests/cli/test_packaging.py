"""The packages that Motte installs: pinned, hashed, each for a reason, and nobody's copy."""

import json
import os
import re
import subprocess
from importlib.metadata import metadata, requires
from pathlib import Path

import pytest
from click.testing import CliRunner

from server.cli import main
from server.cli.serve.launch import NODE, ROOT, SANDBOX_ROOT_KEY
from server.core.version import VERSION

LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
REASONS = (ROOT / "docs" / "decisions" / "0001-dependencies.md").read_text()


def names(part: str) -> set[str]:
    """What requirements/<part>.in asks for."""
    lines = (ROOT / "requirements" / f"{part}.in").read_text().splitlines()
    return {re.split(r"[=<>~]", line)[0] for line in lines if re.match("[a-z]", line)}


def node_names(folder: str) -> set[str]:
    package = json.loads((ROOT / folder / "package.json").read_text())
    return set(package.get("dependencies", {})) | set(package.get("devDependencies", {}))


def locked(part: str) -> dict[str, str]:
    text = (ROOT / "requirements" / f"{part}.txt").read_text()
    return dict(re.findall(r"^([a-z][a-z0-9-]*)==(\S+)", text, re.MULTILINE))


def test_setup_and_the_runtime_lock_name_the_same_packages() -> None:
    asked = {re.split(r"[=<>~]", requirement)[0] for requirement in requires("motte") or []}
    assert asked == names("runtime")
    assert asked <= set(locked("runtime"))


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_locked_package_has_hashes(lock: Path) -> None:
    entries = re.split(r"^(?=[a-z])", lock.read_text(), flags=re.MULTILINE)[1:]
    assert entries
    assert all("--hash=sha256:" in entry for entry in entries)


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_no_lock_names_a_host_or_a_folder(lock: Path) -> None:
    assert not re.search(r"https?:|file:/|--index-url|--find-links|--trusted-host", lock.read_text())


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_lock_was_written_by_make_lock_on_the_oldest_python_that_motte_supports(lock: Path) -> None:
    header = lock.read_text()[:200]
    assert "with Python 3.11" in header
    assert "make lock" in header


@pytest.mark.parametrize("folder", ["connector", "connector/bundler", "connector/tools", "tests/browser"])
def test_no_node_lock_names_a_host_and_every_package_has_its_hash(folder: str) -> None:
    packages = json.loads((ROOT / folder / "package-lock.json").read_text())["packages"]
    installed = {name: package for name, package in packages.items() if name}
    assert all("integrity" in package and "resolved" not in package for package in installed.values())


@pytest.mark.parametrize("folder", ["connector", "connector/bundler", "connector/tools", "tests/browser"])
def test_a_node_package_requires_exact_versions(folder: str) -> None:
    package = json.loads((ROOT / folder / "package.json").read_text())
    wanted = package.get("dependencies", {}) | package.get("devDependencies", {})
    assert all(re.fullmatch(r"\d+\.\d+\.\d+(-rc\d+)?", version) for version in wanted.values())


def test_tests_run_against_the_versions_that_users_get() -> None:
    runtime, development = locked("runtime"), locked("development")
    shared = runtime.keys() & development.keys()
    assert {name: runtime[name] for name in shared} == {name: development[name] for name in shared}


@pytest.mark.parametrize(
    "name",
    sorted(
        names("build")
        | names("runtime")
        | names("development")
        | names("contract")
        | names("lock")
        | node_names("connector")
        | node_names("connector/bundler")
        | node_names("connector/tools")
        | node_names("tests/browser")
    ),
)
def test_every_dependency_has_a_reason(name: str) -> None:
    assert re.search(rf"^\| {re.escape(name)} \| .{{20,}}", REASONS, re.MULTILINE)


def test_the_metadata_says_what_is_needed_and_under_which_licence() -> None:
    motte = metadata("motte").json
    assert motte["requires_python"] == ">=3.11"
    assert "MIT" in (motte.get("license_expression") or motte["license"])


def test_node_is_the_one_that_pip_installed_and_knows_sqlite() -> None:
    script = "import('node:sqlite').then(sqlite => console.log(typeof sqlite.DatabaseSync))"
    shown = subprocess.run([NODE, "--eval", script], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "function"


def test_python_knows_the_root_key_of_the_sandbox() -> None:
    script = (
        "import('./sandbox/protocol/certificates.js').then(async trust => {"
        "  const { keyPairFrom } = await import('./sandbox/protocol/keys.js');"
        "  console.log(Buffer.from(keyPairFrom(trust.ROOT_SEED).public).toString('hex'))"
        "})"
    )
    shown = subprocess.run(
        [NODE, "--eval", script], cwd=ROOT / "connector", capture_output=True, text=True, check=True
    )
    assert shown.stdout.strip() == SANDBOX_ROOT_KEY


def test_the_script_of_continuous_integration_can_be_run() -> None:
    assert os.access(ROOT / ".ci" / "run", os.X_OK)


def test_one_version_is_that_of_the_package_the_command_and_the_changelog() -> None:
    releases = re.findall(r"^## (\d+\.\d+\.\d+)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert metadata("motte")["Version"] == VERSION
    assert CliRunner().invoke(main, ["--version"], prog_name="motte").output == f"motte, version {VERSION}\n"
    assert releases[0] == VERSION


@pytest.mark.parametrize("folder", ["connector", "connector/bundler", "connector/tools", "tests/browser"])
def test_a_node_package_that_is_not_published_has_no_version_of_its_own(folder: str) -> None:
    package = json.loads((ROOT / folder / "package.json").read_text())
    assert package["private"]
    assert "version" not in package
