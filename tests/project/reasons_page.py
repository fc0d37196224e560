"""The table of docs/reference/reasons.md. `python -m tests.project.reasons_page` writes it."""

from pathlib import Path

from server.protocol.reasons import TABLE

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "reasons.md"
BEGIN = "<!-- from connector/reasons.json -->\n"
END = "<!-- end -->\n"


def table() -> str:
    """Every reason, in the order of its file."""
    lines = [
        "| code | what happened | what is tried next | error of a waiting read | needs a person |",
        "|---|---|---|---|---|",
    ]
    for code, meaning in TABLE.items():
        # A reason that no read waits through concerns one kind of session only.
        is_for_all = meaning.fails_unpaired or meaning.refresh is None
        person = ("yes" if is_for_all else "if paired") if meaning.needs_person else ""
        told = f"`{meaning.refresh.error}`" if meaning.refresh is not None else ""
        lines.append(f"| `{code}` | {meaning.happened} | {meaning.next} | {told} | {person} |")
    return "\n".join(lines) + "\n"


def shown() -> str:
    """The table that the page shows."""
    return PAGE.read_text().partition(BEGIN)[2].partition(END)[0]


def write() -> None:
    """Bring the page up to date."""
    before, begin, rest = PAGE.read_text().partition(BEGIN)
    PAGE.write_text(before + begin + table() + END + rest.partition(END)[2])


if __name__ == "__main__":
    write()
