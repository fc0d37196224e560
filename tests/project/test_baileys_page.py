"""docs/how-to/baileys.md names the version, the internals that are used, and the tests that hold them."""

import json
import re
from pathlib import Path

import pytest

from tests.project.packages import ROOT

PAGE = (ROOT / "docs" / "how-to" / "baileys.md").read_text()
CONNECTOR = ROOT / "connector"

#: Internals with the files and the tests of their row.
ROWS = re.findall(r"^\| (.+?) \| (`connector/.+?) \| (.+?) \|$", PAGE, re.MULTILINE)


def words(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)


def test_the_version_is_the_pinned_one() -> None:
    pinned = json.loads((CONNECTOR / "package.json").read_text())["dependencies"]["baileys"]
    assert f"pinned at exactly {pinned}.\n" in PAGE
    assert f"| {pinned} (pinned) |" in PAGE


@pytest.mark.parametrize(("internal", "files", "tests"), ROWS, ids=lambda text: text[:40])
def test_a_row_names_files_and_tests_that_there_are(internal: str, files: str, tests: str) -> None:
    assert all((ROOT / file).is_file() for file in words(files))
    assert words(tests)
    for name in words(tests):
        assert list((ROOT / "tests" / "connector").rglob(f"{name}.test.js")), name


def test_every_module_of_baileys_that_is_not_its_main_one_is_in_the_row_of_its_file() -> None:
    """The sandbox has its own Baileys."""
    rows = {file: internal for internal, files, _ in ROWS for file in words(files)}
    assert rows
    for path in _own_files():
        name = path.relative_to(ROOT).as_posix()
        for module in re.findall(r"from '(?:baileys|libsignal)/([\w/.]+)'", path.read_text()):
            if module != "lib/Signal/Group/index.js":  # its classes are named, not their file
                assert module in rows[name], f"{name} imports {module}"


def test_the_pipe_knows_nothing_of_baileys() -> None:
    for path in (CONNECTOR / "ipc").glob("*.js"):
        assert not re.search(r"from '(baileys|libsignal)", path.read_text()), path


def _own_files() -> list[Path]:
    beside = {"node_modules", "sandbox", "tools"}
    return [path for path in CONNECTOR.rglob("*.js") if not beside & set(path.relative_to(CONNECTOR).parts)]
