"""The group of all commands, which turns the end of a terminal or of a pipe into an exit code."""

import errno
import os
import sys
from typing import Any

import click

#: Exit codes that a shell reports of a program that SIGINT or SIGPIPE ended.
INTERRUPTED_EXIT_CODE = 130
BROKEN_PIPE_EXIT_CODE = 141


class CannotWrite(click.ClickException):
    """Standard output cannot be written, such as a file on a full disk."""


class Program(click.Group):
    """The command `motte`."""

    def invoke(self, ctx: click.Context) -> Any:
        """Runs the command. Raises CannotWrite, and click's Exit after Ctrl-C or a broken pipe."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            if sys.stderr.isatty():
                click.echo(err=True)  # ends the line with ^C
            raise click.exceptions.Exit(INTERRUPTED_EXIT_CODE) from None
        except OSError as error:
            if error.errno == errno.EPIPE:
                _discard_output()
                raise click.exceptions.Exit(BROKEN_PIPE_EXIT_CODE) from None
            if error.errno == errno.ENOSPC and error.filename is None:
                _discard_output()
                raise CannotWrite(f"the output could not be written: {error.strerror}") from None
            raise


def _discard_output() -> None:
    """Python writes what is left in its buffer at the end, and that would fail again."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.__stdout__):
        try:
            os.dup2(nowhere, stream.fileno() if stream else nowhere)
        except (OSError, ValueError):  # no stream of this process
            continue
    os.close(nowhere)
