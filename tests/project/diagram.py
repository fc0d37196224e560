"""The state diagram of docs/reference/sessions.md. `python -m tests.project.diagram` writes it."""

from pathlib import Path

from server.domain.states import TABLE

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "sessions.md"
BEGIN = "```mermaid\n"
END = "```\n"


def diagram() -> str:
    """Every move that changes the status, in Mermaid's words; moves between the same two share an arrow."""
    lines = ["stateDiagram-v2", "    [*] --> starting"]
    for status, state_machine in TABLE.items():
        arrows: dict[str, list[str]] = {}
        for happening, follows in state_machine.items():
            if follows is not status:
                arrows.setdefault(follows, []).append(happening)
        lines += [f"    {status} --> {follows}: {', '.join(why)}" for follows, why in arrows.items()]
    return "\n".join(lines) + "\n"


def shown() -> str:
    """The diagram that the page shows."""
    return PAGE.read_text().partition(BEGIN)[2].partition(END)[0]


def draw() -> None:
    """Bring the page up to date."""
    before, begin, rest = PAGE.read_text().partition(BEGIN)
    PAGE.write_text(before + begin + diagram() + END + rest.partition(END)[2])


if __name__ == "__main__":
    draw()
