"""Only `store/sqlite` knows SQLite, so that the store can be on another database."""

from collections.abc import Iterator

from tests.project.packages import ROOT, imports

#: What knows SQLite outside `store/sqlite`, and why.
KNOWS_SQLITE = {
    "server/connectors/credentials.py": "a connector's own database is SQLite, whatever the store is on",
}

#: What opens the store, or copies and checks its file: the composition of a front, and the commands.
OPENS_THE_STORE = ("server/assembly.py", "server/cli/", "server/deliverer/", "server/waiting_front.py")


def _product() -> Iterator[tuple[str, set[str]]]:
    """Each file of the product outside `store/sqlite`, with what it imports."""
    for folder in ("server", "store"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            if not name.startswith("store/sqlite/"):
                yield name, set(imports(path))


def test_only_the_store_on_sqlite_knows_sqlite() -> None:
    knowing = {name for name, imported in _product() if imported & {"sqlite3", "aiosqlite"}}
    assert knowing == KNOWS_SQLITE.keys()


def test_only_what_opens_the_store_imports_the_store_on_sqlite() -> None:
    """Everything else is typed against store/ports."""
    for name, imported in _product():
        if any(module.startswith("store.sqlite") for module in imported):
            assert name.startswith(OPENS_THE_STORE) or name in KNOWS_SQLITE, name


def test_the_ports_of_the_store_know_only_records() -> None:
    modules = {
        ".".join(module.split(".")[:2])
        for path in (ROOT / "store" / "ports").glob("*.py")
        for module in imports(path)
        if module.startswith("store.")
    }
    assert modules == {"store.records", "store.ports"}
