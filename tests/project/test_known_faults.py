"""Decision 22 names the test of each known fault; the tests exist."""

import re

import pytest

from tests.project.pages import DOCS, ROOT

LIST = DOCS / "decisions" / "0022-known-faults.md"
TESTS = sorted(set(re.findall(r"`(tests/[\w/.]+\.(?:py|js))(?:::(\w+))?`", LIST.read_text())))


@pytest.mark.parametrize(("file", "name"), TESTS)
def test_a_test_of_a_known_fault_exists(file: str, name: str) -> None:
    assert (ROOT / file).is_file()
    assert name in (ROOT / file).read_text()
