"""What commands import before they do something: a person waits meanwhile. No test asserts times."""

import gc
import json
import subprocess
import sys

import pytest

from server.cli import COMMANDS, main
from server.cli.common.lazy_commands import LazyCommands
from server.core.garbage import no_collection

#: All of Motte that `motte --version` and `motte --help` may import before the first command.
OF_EVERY_COMMAND = {
    "server",
    "server.cli",
    "server.cli.common",
    "server.cli.common.lazy_commands",
    "server.cli.common.output",
    "server.cli.common.program",
    "server.cli.common.streams",
    "server.core",
    "server.core.garbage",
    "server.core.interrupts",
    "server.core.version",
    "server.entry_point",
}

#: Parts of Python that take long to import.
SLOW = {
    *("asyncio", "concurrent.futures", "email", "http.client", "importlib.metadata", "logging", "sqlite3"),
    *("ssl", "subprocess", "unittest"),
}

#: Prints the names of all modules that a command line has imported.
REPORT = """
import json, sys
before = set(sys.modules)
from server import entry_point
try:
    entry_point.main(%r)
finally:
    print()
    print(json.dumps(sorted(set(sys.modules) - before)))
"""


def imported_by(*arguments: str) -> set[str]:
    """Returns the names of modules that a command line has imported in a process of its own."""
    command = [sys.executable, "-c", REPORT % (list(arguments),)]
    shown = subprocess.run(command, capture_output=True, text=True, check=False)
    assert shown.returncode == 0, shown.stderr
    return set(json.loads(shown.stdout.splitlines()[-1]))


def of_motte(modules: set[str]) -> set[str]:
    return {name for name in modules if name.partition(".")[0] in ("server", "store")}


def packages(modules: set[str]) -> set[str]:
    """Returns the packages among them that are neither Python's nor Motte's."""
    return {name.partition(".")[0] for name in modules - of_motte(modules)} - sys.stdlib_module_names


def test_the_version_is_shown_without_the_commands() -> None:
    modules = imported_by("--version")
    assert of_motte(modules) == OF_EVERY_COMMAND
    assert packages(modules) == {"click"}
    assert modules & SLOW == set()


def test_serve_imports_neither_the_server_nor_a_client_of_http() -> None:
    """It becomes supervisord, which starts the front: what is imported here is imported again there."""
    modules = imported_by("serve", "--help")
    assert (
        packages(modules) & {"aiohttp", "aiohttp_socks", "prometheus_client", "segno", "supervisor"} == set()
    )
    assert not {
        name for name in modules if name.startswith(("server.api", "server.sessions", "server.assembly"))
    }


def test_a_command_is_imported_once_and_keeps_its_place() -> None:
    lazy = LazyCommands({"b": "server.cli.logs:logs", "a": "server.cli.keys.command:keys"})
    assert list(lazy) == ["b", "a"]
    assert "b" in lazy
    assert lazy["b"] is lazy["b"]
    assert list(lazy) == ["b", "a"]
    assert lazy.get("c") is None
    del lazy["a"]
    assert len(lazy) == 1


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_is_where_the_group_looks_for_it(name: str) -> None:
    assert main.commands[name].name == name


def test_the_front_imports_no_library_that_it_needs_later_or_never() -> None:
    """SOCKS proxies are rare, and pictures of codes are drawn at the first request for one."""
    modules = imported_by_module("server.app")
    assert packages(modules) & {"aiohttp_socks", "click", "python_socks", "segno", "supervisor"} == set()
    assert "aiohttp" in packages(modules)


def test_the_checks_of_serve_need_neither_an_event_loop_nor_the_whole_store() -> None:
    """Only a first start and one after an upgrade write to the database."""
    modules = imported_by_module("server.cli.serve.start")
    assert packages(modules) & {"aiosqlite", "msgspec"} == set()
    assert modules & {"asyncio", "server.app", "store.sqlite.store"} == set()


def test_supervisord_imports_no_library_that_the_front_alone_needs() -> None:
    modules = imported_by_module("server.supervisor_plugin.daemon")
    assert "supervisor" in packages(modules)
    assert packages(modules) & {"aiohttp", "click", "msgspec"} == set()
    assert modules & {"asyncio", "dataclasses", "inspect", "server.core.settings.model"} == set()


def imported_by_module(name: str) -> set[str]:
    """Returns the names of modules that a module has imported in a process of its own."""
    script = f"import json, sys; import {name}; print(json.dumps(sorted(sys.modules)))"
    shown = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(json.loads(shown.stdout))


def test_garbage_is_not_collected_while_modules_are_imported() -> None:
    assert gc.isenabled()
    with no_collection():
        assert not gc.isenabled()
        with no_collection():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()
    with pytest.raises(ImportError), no_collection():
        raise ImportError
    assert gc.isenabled()
