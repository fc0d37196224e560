"""Imports go one way: a package imports only packages before it in their list."""

import pytest

from tests.project import module_diagram
from tests.project.packages import ROOT, SERVER, STORE, files, imported_packages, imports


@pytest.mark.parametrize("package", SERVER)
def test_a_package_of_the_server_imports_only_packages_before_it_in_the_list(package: str) -> None:
    lower = {STORE, *SERVER[: SERVER.index(package)]}
    for path in files(package):
        assert imported_packages(path) - {package} <= lower, path


def test_the_list_names_every_package_of_the_server() -> None:
    paths = [path.relative_to(ROOT / "server") for path in (ROOT / "server").rglob("*.py")]
    assert {path.parts[0].removesuffix(".py") for path in paths} - {"__init__"} == set(SERVER)


def test_the_store_imports_nothing_of_the_server() -> None:
    for path in files(STORE):
        assert imported_packages(path) <= {STORE}, path


def test_no_process_reads_its_version_from_the_disk() -> None:
    """The metadata there may be those of a newer installation."""
    paths = [path for package in SERVER for path in files(package)]
    assert [path for path in paths if "importlib.metadata" in imports(path)] == []


def test_the_architecture_page_shows_the_imports_between_packages() -> None:
    assert module_diagram.shown() == module_diagram.block(), "run: python -m tests.project.module_diagram"
