"""The docs say what the code says."""

from tests.unit import diagram


def test_the_state_diagram_is_the_one_of_the_table() -> None:
    assert diagram.shown() == diagram.diagram(), "run: python -m tests.unit.diagram"
