"""The group of all commands: its streams, and what becomes of errors that no command expected."""

import errno
import os
import sys
from contextlib import suppress
from typing import Any

import click

from server.cli.common.output import printable_lines, say
from server.cli.common.streams import prepare_streams
from server.core.interrupts import INTERRUPTED_EXIT_CODE, raise_on_interrupt

#: Exit code that a shell reports of a program that SIGPIPE ended.
BROKEN_PIPE_EXIT_CODE = 141


class Program(click.Group):
    """The command `motte`."""

    def main(self, *arguments: Any, **options: Any) -> Any:
        """Runs the command line. An error of the host is one sentence, not a traceback."""
        prepare_streams()
        try:
            return super().main(*arguments, **options)
        except OSError as error:
            _end(in_words(error))
        except MemoryError:
            _end("this process may not have more memory: see `ulimit -v`")

    def invoke(self, ctx: click.Context) -> Any:
        """Runs the command. Raises OSError, and click's Exit after Ctrl-C or a broken pipe."""
        try:
            return super().invoke(ctx)
        except click.ClickException as error:
            # It may quote what others wrote. click marks the attribute as final, and reads it when it prints.
            error.message = printable_lines(error.message)  # type: ignore[misc]
            raise
        except KeyboardInterrupt:
            if sys.stderr.isatty():
                say(err=True)  # ends the line with ^C
            raise click.exceptions.Exit(INTERRUPTED_EXIT_CODE) from None
        except OSError as error:
            if error.errno != errno.EPIPE:
                raise
            _discard_output()
            raise click.exceptions.Exit(BROKEN_PIPE_EXIT_CODE) from None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Returns the command and its arguments. Until it is imported, Ctrl-C ends the process at once."""
        found = super().resolve_command(ctx, args)
        raise_on_interrupt()
        return found


def in_words(error: OSError) -> str:
    """Returns an error without its number: `/proc/uptime: No such file or directory`."""
    names = [str(name) for name in (error.filename, error.filename2) if name is not None]
    if error.errno == errno.ENOSPC and not names:
        names = ["the output could not be written"]
    return ": ".join([*names, error.strerror or str(error)])


def _end(reason: str) -> None:
    """Prints an error and exits."""
    _discard_output()
    with suppress(OSError):  # standard error may be on the same full disk
        say(f"Error: {reason}", err=True)
    sys.exit(1)


def _discard_output() -> None:
    """Python writes what is left in its buffer at the end, and that would fail again."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.__stdout__):
        try:
            os.dup2(nowhere, stream.fileno() if stream else nowhere)
        except (OSError, ValueError):  # no stream of this process
            continue
    os.close(nowhere)
