"""Settings as options. An option takes precedence over the environment."""

import os
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from functools import partial
from typing import Any, TypeVar, get_type_hints

import click
from click.shell_completion import CompletionItem

from server.cli.common.output import say
from server.core import addresses
from server.core.paths import StateFolder
from server.core.settings import validators
from server.core.settings.definitions import SETTINGS, Setting
from server.core.settings.environment import ConfigError, read
from server.core.settings.model import Settings

Command = TypeVar("Command", bound=Callable[..., Any])

STATE = next(setting for setting in SETTINGS if setting.field == "state")

#: What an option takes, by the parser of its setting.
METAVARS: dict[Callable[[str], Any], str] = {
    validators.state_folder: "FOLDER",
    validators.api_key: "KEY",
    validators.seconds: "SECONDS",
    validators.seconds_or_none: "SECONDS",
    validators.retention: "SECONDS",
    validators.rate: "NUMBER",
    validators.rate_or_none: "NUMBER",
    validators.count: "NUMBER",
    validators.warm_spares: "NUMBER",
    validators.max_sessions: "NUMBER",
    validators.max_messages: "NUMBER",
    validators.flag: "0|1",
    validators.program: "FILE",
    validators.mebibytes: "MIB",
    validators.min_free_memory: "MIB",
    validators.message_storage: "MIB",
    validators.public_key: "HEX",
    validators.version: "VERSION",
    validators.proxy: "URL",
    addresses.parse_address: "HOST:PORT",
    addresses.parse_listen: "HOST:PORT",
    addresses.websocket_url: "URL",
    addresses.http_url: "URL",
    addresses.base_url: "URL",
    addresses.parse_origins: "ORIGINS",
}

#: Variables that decide where the state folder is.
STATE_VARIABLES = (STATE.name, "XDG_STATE_HOME")


class BadSettings(click.ClickException):
    """The problems with the settings, one on each line."""

    exit_code = 2

    def show(self, file: Any = None) -> None:
        for problem in self.message.splitlines():
            say(f"Error: {problem}", err=True)


def setting_options(settings: Iterable[Setting]) -> Callable[[Command], Command]:
    """Adds an option for each setting. The command gets each text, or None, by the variable's name."""

    def decorate(command: Command) -> Command:
        for setting in reversed(tuple(settings)):
            default = f", default {setting.default}" if setting.default else ""
            text = f"{setting.help} [{setting.name}{default}]"
            command = click.option(
                setting.option,
                setting.name,
                metavar=metavar(setting),
                help=text,
                shell_complete=partial(_values, setting),
            )(command)
        return command

    return decorate


def metavar(setting: Setting) -> str:
    """Returns what the option of a setting takes, as its help shows it: `SECONDS`, or `text|json`."""
    kind = get_type_hints(Settings)[setting.field]
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return "|".join(kind)
    return METAVARS.get(setting.parse, "TEXT")


def _values(setting: Setting, _: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Returns what a shell completes: a folder, or one of few words."""
    if setting is STATE:
        return [CompletionItem(incomplete, type="dir")]
    words = metavar(setting).split("|")
    return [CompletionItem(word) for word in words if len(words) > 1 and word.startswith(incomplete)]


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
