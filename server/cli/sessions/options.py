"""Arguments and options of the commands about sessions."""

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click
from click.core import ParameterSource

from server.api.schemas.session_fields import ID_RULE
from server.cli.common.options import STATE, read_state, setting_options
from server.cli.common.output import output_option
from server.cli.sessions.completion import KEY_FILE, session_ids
from server.cli.sessions.target import LocalMotte, RemoteMotte, Target, checked_url
from server.core.paths import is_session_id
from server.core.settings.definitions import URL_VARIABLE

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


def all_checked(_: click.Context, __: click.Parameter, session_ids: tuple[str, ...]) -> tuple[str, ...]:
    """Validates several ids. Raises click.BadParameter."""
    return tuple(checked(_, __, session_id) or "" for session_id in session_ids)


def on_a_motte(command: Command) -> Command:
    """Adds the options that every command about sessions has. `target` reads them."""
    url = click.option(
        "--url",
        URL_VARIABLE,
        metavar="URL",
        envvar=URL_VARIABLE,
        callback=checked_url,
        help=f"URL of a Motte elsewhere, instead of a state folder [{URL_VARIABLE}]",
    )
    key_file = click.option(
        "--key-file",
        KEY_FILE,
        metavar="FILE",
        type=click.Path(dir_okay=False, path_type=Path),
        help="file with the API key; without it, the key is in MOTTE_API_KEY",
    )
    return output_option(setting_options([STATE])(url(key_file(command))))


def on_a_session(command: Command) -> Command:
    """Adds the argument ID too."""
    argument = click.argument("session_id", metavar="ID", callback=checked, shell_complete=session_ids)
    return argument(on_a_motte(command))


def target(options: Mapping[str, Any]) -> Target:
    """Returns the Motte to talk to, and makes new files private. Raises BadSettings, click.UsageError."""
    os.umask(0o077)
    url, key_file = options[URL_VARIABLE], options[KEY_FILE]
    if url is None or (_is_from_environment(URL_VARIABLE) and options[STATE.name] is not None):
        return LocalMotte(read_state(options[STATE.name]), key_file)
    if options[STATE.name] is not None:
        raise click.UsageError("--state and --url cannot both be given")
    return RemoteMotte(url, key_file)


def _is_from_environment(name: str) -> bool:
    return click.get_current_context().get_parameter_source(name) is ParameterSource.ENVIRONMENT


def proxy_text(option: str | None) -> str | None:
    """Returns the URL of `--proxy`. `-` reads it from standard input, which other users cannot see."""
    return sys.stdin.readline().strip() if option == STANDARD_INPUT else option
