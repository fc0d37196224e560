"""Settings as options. An option takes precedence over the environment."""

import os
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

import click

from server.core.paths import StateFolder
from server.core.settings.definitions import SETTINGS, Setting
from server.core.settings.environment import ConfigError, read
from server.core.settings.model import Settings

Command = TypeVar("Command", bound=Callable[..., Any])

STATE = next(setting for setting in SETTINGS if setting.field == "state")

#: Variables that decide where the state folder is.
STATE_VARIABLES = (STATE.name, "XDG_STATE_HOME")


class BadSettings(click.ClickException):
    """The problems with the settings, one on each line."""

    exit_code = 2

    def show(self, file: Any = None) -> None:
        for problem in self.message.splitlines():
            click.echo(f"Error: {problem}", file=file, err=True)


def setting_options(settings: Iterable[Setting]) -> Callable[[Command], Command]:
    """Adds an option for each setting. The command gets each text, or None, by the variable's name."""

    def decorate(command: Command) -> Command:
        for setting in reversed(tuple(settings)):
            default = f", default {setting.default}" if setting.default else ""
            text = f"{setting.help} [{setting.name}{default}]"
            command = click.option(setting.option, setting.name, metavar="TEXT", help=text)(command)
        return command

    return decorate


def read_settings(options: Mapping[str, str | None]) -> Settings:
    """Reads the settings from the environment and from `options`. Raises BadSettings."""
    given = {name: text for name, text in options.items() if text is not None}
    return _read({**os.environ, **given})


def read_state(option: str | None, *, sandbox: bool = False) -> StateFolder:
    """Reads only the state folder from the settings; others may be invalid. Raises BadSettings.

    sandbox: the default is the sandbox's state folder.
    """
    relevant = {name: os.environ[name] for name in STATE_VARIABLES if name in os.environ}
    flag = {"MOTTE_SANDBOX": "1"} if sandbox else {}
    return StateFolder(_read(relevant | flag | ({STATE.name: option} if option else {})).state)


def _read(environ: Mapping[str, str]) -> Settings:
    try:
        return read(environ)
    except ConfigError as error:
        raise BadSettings(str(error)) from None
