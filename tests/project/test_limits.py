"""Every row of docs/reference/limits.md has a constant and a test, which limits.py names."""

from operator import attrgetter
from pathlib import Path

import pytest

from tests.project.limits import LIMITS, Limit

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "reference" / "limits.md"


def rows() -> list[str]:
    """The limits of the page, without the head of its table."""
    lines = [line for line in PAGE.read_text().splitlines() if line.startswith("| ")]
    return [line.split(" | ")[0].removeprefix("| ") for line in lines[1:]]


def test_every_row_of_the_page_is_held() -> None:
    unheld = [row for row in rows() if not any(row.startswith(limit.row) for limit in LIMITS)]
    assert not unheld, "add them to LIMITS in tests/project/limits.py"


@pytest.mark.parametrize("limit", LIMITS, ids=attrgetter("row"))
def test_a_limit_has_a_row_a_constant_and_a_test(limit: Limit) -> None:
    assert any(row.startswith(limit.row) for row in rows())
    for file, text in limit.code:
        assert text in (ROOT / file).read_text(), f"{file} says it in another way: look at the page too"
    for test in limit.tests:
        file, _, name = test.partition("::")
        assert name, "name the test at the limit and one beyond it, not the whole file"
        assert name in (ROOT / file).read_text(), test
