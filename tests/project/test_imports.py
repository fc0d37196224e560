"""Imports go one way: a package imports only packages that stand above it in its list."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

#: The packages and top-level files of `server`, the lowest first. Any of them may import `store`.
SERVER = [
    "core",
    "protocol",
    "domain",
    "auth",
    "streams",
    "whatsapp_version",
    "connectors",
    "observability",
    "web",
    "sessions",
    "messages",
    "cluster",
    "assembly",
    "api",
    "app",
    "supervisor_plugin",
    "cli",
    "__main__",
]


def _imports(path: Path) -> Iterator[str]:
    """The modules that a file imports, for `from a import b` both `a` and `a.b`."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _packages_of_server(path: Path) -> set[str]:
    """Which packages of `server` a file imports."""
    names = [name.split(".") for name in _imports(path)]
    return {name[1] for name in names if name[0] == "server" and len(name) > 1}


@pytest.mark.parametrize("package", SERVER)
def test_a_package_of_the_server_imports_only_packages_above_it_in_the_list(package: str) -> None:
    lower = set(SERVER[: SERVER.index(package)])
    folder = ROOT / "server" / package
    files = sorted(folder.rglob("*.py")) if folder.is_dir() else [folder.with_suffix(".py")]
    for path in files:
        assert _packages_of_server(path) - {package} <= lower, path


def test_the_list_names_every_package_of_the_server() -> None:
    files = [path.relative_to(ROOT / "server") for path in (ROOT / "server").rglob("*.py")]
    assert {path.parts[0].removesuffix(".py") for path in files} - {"__init__"} == set(SERVER)


def test_the_store_imports_nothing_of_the_server() -> None:
    for path in (ROOT / "store").rglob("*.py"):
        assert not _packages_of_server(path), path
