"""What commands print: JSON for programs, tables for people."""

import json
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])

#: Between two columns.
GAP = "  "

output_option = click.option(
    "--output",
    type=click.Choice(["table", "json"]),
    default="table",
    show_default=True,
    help="a table for people, or JSON for programs",
)


def say_json(document: Any) -> None:
    """Print a document."""
    click.echo(json.dumps(document, indent=2))


def say_table(head: Sequence[str], rows: Sequence[Sequence[str | None]]) -> None:
    """Print rows under their head, each column as wide as it must be; None shows as a dash."""
    lines = [list(head), *([_cell(text) for text in row] for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    for line in lines:
        cells = [text.ljust(width) for text, width in zip(line, widths, strict=True)]
        click.echo(GAP.join(cells).rstrip())


def say_pairs(pairs: Sequence[tuple[str, str | None]]) -> None:
    """Print names with their values, a line each."""
    width = max(len(name) for name, _ in pairs)
    for name, value in pairs:
        click.echo(f"{name.ljust(width)}{GAP}{_cell(value)}")


def note(sentence: str) -> None:
    """Tell the person something that is not the command's result."""
    click.echo(sentence, err=True)


def _cell(text: str | None) -> str:
    """What others have named themselves may hold what moves a terminal's cursor."""
    if not text:
        return "-"
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)
