"""Output of commands: JSON for programs, tables for people."""

import json
import re
import signal
import sys
import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import click

from server.cli.common.streams import shown

Command = TypeVar("Command", bound=Callable[..., Any])

#: Between two columns.
COLUMN_GAP = "  "

#: Stands for a line break in a text that is printed in one line.
LINE_BREAK = " \N{RETURN SYMBOL} "

_LINE_BREAKS = re.compile("\r\n|[\n\u2028\u2029]")

#: Names that `first_few` prints.
NAMED_IN_LINE = 3

output_option = click.option(
    "--output",
    type=click.Choice(["table", "json"]),
    default="table",
    show_default=True,
    help="a table for people, or JSON for programs",
)


def say(text: str = "", *, err: bool = False, nl: bool = True) -> None:
    """Prints lines. Every text goes to the terminal through here, so that no text of others controls it.

    What Motte itself draws with control characters is written by screen.py and progress.py.
    err: on standard error. nl: with a line end.
    """
    click.echo(printable_lines(text), err=err, nl=nl)


def print_json(document: Any) -> None:
    """Prints a document as JSON."""
    say(json.dumps(document, indent=2))


def print_table(head: Sequence[str], rows: Sequence[Sequence[str | None]]) -> None:
    """Prints a table with aligned columns. None is printed as a dash."""
    lines = [list(head), *([_cell(text) for text in row] for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    for line in lines:
        cells = [text.ljust(width) for text, width in zip(line, widths, strict=True)]
        say(COLUMN_GAP.join(cells).rstrip())


def print_pairs(pairs: Sequence[tuple[str, str | None]]) -> None:
    """Prints one name and value on each line."""
    width = max(len(name) for name, _ in pairs)
    for name, value in pairs:
        say(f"{name.ljust(width)}{COLUMN_GAP}{_cell(value)}")


def first_few(names: Sequence[str]) -> str:
    """Returns the first NAMED_IN_LINE names, and how many more there are: `shop, cafe, bar and 2 more`."""
    more = len(names) - NAMED_IN_LINE
    return ", ".join(names[:NAMED_IN_LINE]) + (f" and {more} more" if more > 0 else "")


def confirm(question: str) -> None:
    """Asks on standard error. Raises click.Abort if the answer is no, or if there is no answer."""
    if sys.stdin is None:  # the file descriptor 0 is closed
        note(f"{question} There is no standard input to answer it: use --yes.")
        raise click.Abort
    with _interruptible():
        click.confirm(question, abort=True, err=True)


@contextmanager
def _interruptible() -> Generator[None]:
    """Lets Ctrl-C raise KeyboardInterrupt at once. asyncio's own handler waits for the event loop."""
    if threading.current_thread() is not threading.main_thread():  # only the main one may set handlers
        yield
        return
    handler = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)


def note(sentence: str) -> None:
    """Prints a sentence for people on standard error. It is not part of the command's result."""
    say(sentence, err=True)


def printable(text: str) -> str:
    """Replaces control characters: a text that others chose may contain them."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)


def printable_lines(text: str) -> str:
    """Replaces control characters, other than those that end lines."""
    return "\n".join(map(printable, text.split("\n")))


def in_one_line(text: str) -> str:
    """Shows line breaks as LINE_BREAK, and replaces other control characters."""
    return printable(_LINE_BREAKS.sub(LINE_BREAK, text))


def _cell(text: str | None) -> str:
    """Replaces control characters and letters that the output lacks."""
    return shown(printable(text)) if text else "-"
