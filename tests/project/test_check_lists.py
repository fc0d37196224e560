"""The check-lists of CONTRIBUTING.md: the steps that no other test holds."""

import re
from pathlib import Path

import pytest

from server.api.route import Route
from server.api.routes import ROUTES
from tests.project.packages import ROOT

PAGE = (ROOT / "CONTRIBUTING.md").read_text()

SANDBOX = ROOT / "connector" / "sandbox"
SWITCHES = re.findall(r"^  (\w+): \w+,? //", (SANDBOX / "server" / "faults.js").read_text(), re.MULTILINE)


def text_of(*files: Path) -> str:
    return "".join(file.read_text() for file in files)


@pytest.fixture(scope="module")
def sandbox() -> str:
    """The code of the sandbox, without the table of its faults."""
    return text_of(*(file for file in SANDBOX.rglob("*.js") if file.name != "faults.js"))


@pytest.fixture(scope="module")
def requests() -> str:
    """The tests of the API."""
    return text_of(*(ROOT / "tests" / "api").rglob("*.py"))


@pytest.fixture(scope="module")
def tests() -> str:
    """The tests that use the sandbox."""
    folders = ("connector", "end_to_end", "api", "browser")
    return text_of(
        *(
            file
            for name in folders
            for file in (ROOT / "tests" / name).rglob("*.*")
            if file.suffix in (".js", ".py")
        )
    )


def test_every_name_that_they_look_for_in_a_file_is_there() -> None:
    named = re.findall(r"`(\w+)` (?:of|in|to) `((?:server|store|tests|connector)/[\w./]+)`", PAGE)
    assert len(named) > 5
    for name, file in named:
        assert re.search(rf"\b{name}\b", (ROOT / file).read_text()), f"{name} in {file}"


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_every_route_is_requested_by_a_test(route: Route, requests: str) -> None:
    parts = re.split(r"\{\w+\}", route.path)
    assert re.search('[^"\\s]*'.join(map(re.escape, parts)), requests)


@pytest.mark.parametrize("switch", SWITCHES)
def test_every_fault_of_the_sandbox_is_asked_for_and_tried(switch: str, sandbox: str, tests: str) -> None:
    assert f"'{switch}'" in sandbox, "nothing in the sandbox asks for it"
    assert re.search(rf"\b{switch}\b", tests), "no test sets it"
