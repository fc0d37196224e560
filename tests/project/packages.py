"""The packages of the server, their order and their imports."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]

#: The packages and top-level files of `server`, the lowest first. A package imports only packages before it.
SERVER = [
    "isolation",
    "core",
    "protocol",
    "domain",
    "documents",
    "auth",
    "events",
    "webhooks",
    "streams",
    "whatsapp_version",
    "connectors",
    "web",
    "messages",
    "outbound",
    "observability",
    "deliverer",
    "sessions",
    "cluster",
    "assembly",
    "api",
    "app",
    "supervisor_plugin",
    "early_front",
    "cli",
    "entry_point",
    "waiting_front",
    "__main__",
]

#: Any package may import it; it imports nothing of the server.
STORE = "store"


def imports(path: Path) -> Iterator[str]:
    """The modules that a file imports, for `from a import b` both `a` and `a.b`."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def files(package: str) -> list[Path]:
    """The Python files of a package."""
    folder = ROOT / STORE if package == STORE else ROOT / "server" / package
    return sorted(folder.rglob("*.py")) if folder.is_dir() else [folder.with_suffix(".py")]


def imported_packages(path: Path) -> set[str]:
    """Which packages a file imports, of `server` and the store."""
    names = [name.split(".") for name in imports(path)]
    return {name[1] for name in names if name[0] == "server" and len(name) > 1} | {
        name[0] for name in names if name[0] == STORE
    }


def arrows() -> dict[str, set[str]]:
    """What each package imports of the others, the highest package first."""
    return {
        package: {name for path in files(package) for name in imported_packages(path)} - {package}
        for package in [*reversed(SERVER), STORE]
    }


def purpose(package: str) -> str:
    """The first line of a package's docstring."""
    docstring = ast.get_docstring(ast.parse(files(package)[0].read_text()))
    assert docstring, package
    return docstring.partition("\n")[0]
