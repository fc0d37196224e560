"""Arguments and options of the commands about sessions."""

import os
import sys
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import click

from server.api.schemas.session_fields import ID_RULE
from server.cli.common.options import STATE, read_state, setting_options
from server.cli.common.output import output_option
from server.core.paths import StateFolder, is_session_id

Command = TypeVar("Command", bound=Callable[..., Any])

STANDARD_INPUT = "-"

proxy_option = click.option(
    "--proxy", metavar="URL", help="URL of the session's own proxy; - reads it from standard input"
)


def checked(_: click.Context, __: click.Parameter, session_id: str | None) -> str | None:
    """Validates an id, which becomes part of URLs and file names. Raises click.BadParameter."""
    if session_id is not None and not is_session_id(session_id):
        raise click.BadParameter(ID_RULE)
    return session_id


def on_a_session(command: Command) -> Command:
    """Adds the argument ID, and the options that every command has."""
    argument = click.argument("session_id", metavar="ID", callback=checked)
    return argument(output_option(setting_options([STATE])(command)))


def state_folder(options: Mapping[str, str | None]) -> StateFolder:
    """Returns the state folder, and makes new files private. Raises BadSettings."""
    os.umask(0o077)
    return read_state(options[STATE.name])


def proxy_text(option: str | None) -> str | None:
    """Returns the URL of `--proxy`. `-` reads it from standard input, which other users cannot see."""
    return sys.stdin.readline().strip() if option == STANDARD_INPUT else option
