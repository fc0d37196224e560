"""The docs say what the code says."""

import re
from collections.abc import Iterator
from pathlib import Path

from server.errors import MotteError
from server.routes import ROUTES
from tests.unit import diagram

DOCS = Path(__file__).parents[2] / "docs"
README = Path(__file__).parents[2] / "README.md"


def _kinds(of: type[MotteError]) -> Iterator[type[MotteError]]:
    for kind in of.__subclasses__():
        yield kind
        yield from _kinds(kind)


def test_the_state_diagram_is_the_one_of_the_table() -> None:
    assert diagram.shown() == diagram.diagram(), "run: python -m tests.unit.diagram"


def test_every_error_is_in_the_table_with_its_status_and_no_other_is() -> None:
    shown = re.findall(r"^\| (\d{3}) \| `([a-z-]+)` \|", (DOCS / "errors.md").read_text(), re.MULTILINE)
    raised = {(str(kind.status), kind.code) for kind in _kinds(MotteError) if hasattr(kind, "code")}
    assert set(shown) == raised
    assert len(shown) == len(raised)


def test_every_route_is_in_the_readme_or_the_docs() -> None:
    text = "".join(page.read_text() for page in (README, *sorted(DOCS.glob("*.md"))))
    for route in ROUTES:
        assert route.path in text or f"`{route.path.removeprefix('/sessions/{id}')}`" in text, route.path
