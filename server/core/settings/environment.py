"""Reads the settings from environment variables, and writes them for another process."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from server.core.host_proxy import host_proxy
from server.core.settings.definitions import (
    HANDED_ON,
    KNOWN,
    LOCATIONS,
    OF_COMMANDS,
    PREFIX,
    SETTINGS,
    Setting,
)
from server.core.settings.model import SHORTEST_QR_LIFETIME_SECONDS, Settings

#: Variables that Kubernetes gives every container for each service (its documentation of service discovery).
_INJECTED = re.compile(
    r"MOTTE_(?:[A-Z0-9_]+?_)??"  # the shortest: MOTTE_SERVICE_PORT is not the PORT of `motte-service`
    r"(?:SERVICE_HOST|SERVICE_PORT(?:_[A-Z0-9_]+)?|PORT_[0-9]+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?|(?P<port>PORT))"
)

#: Follows the rule that a value in quotes breaks.
_QUOTES = "; the value has quotes around it, which an env file of Docker passes on"


class ConfigError(Exception):
    """The problems with the settings, one on each line."""


def read(environ: Mapping[str, str]) -> Settings:
    """Reads the settings from an environment. An empty variable counts as unset.

    Raises ConfigError, which names every problem and shows no value.
    """
    problems = list(_unknown(environ))
    values: dict[str, Any] = {}
    for setting in KNOWN:
        text = environ.get(setting.name) or _default(setting, environ)
        try:
            values[setting.field] = None if text is None else setting.parse(text)
        except ValueError as rule:
            problems.append(f"{setting.name} {rule}{_QUOTES if is_quoted(text) else ''}")
    try:
        values["proxy"] = host_proxy(values.get("proxy"), environ)
    except ValueError as rule:
        problems.append(f"MOTTE_PROXY {rule}")
    problems += _contradictions(values)
    if problems:
        raise ConfigError("\n".join(problems))
    return Settings(**values)


def is_quoted(text: str | None) -> bool:
    """Whether a value has quotes around it, which are part of it: a shell would have removed them."""
    return text is not None and len(text) > 1 and text[0] == text[-1] and text[0] in "'\""


def quoted(environ: Mapping[str, str]) -> list[str]:
    """Returns the names of the settings whose values have quotes around them."""
    return [setting.name for setting in KNOWN if is_quoted(environ.get(setting.name))]


def to_environ(settings: Settings) -> dict[str, str]:
    """Returns variables from which `read` gets the same settings in another process, without secrets."""
    return {
        setting.name: str(int(value)) if isinstance(value, bool) else str(value)
        for setting in KNOWN
        if not setting.secret and (value := getattr(settings, setting.field)) is not None
    }


def sandbox_state(state: Path) -> Path:
    """Returns the sandbox's default state folder. state: the default state folder."""
    return state.with_name(f"{state.name}-sandbox")


def _default(setting: Setting, environ: Mapping[str, str]) -> str | None:
    if setting.field != "state":
        return setting.default
    base = Path(environ.get("XDG_STATE_HOME", ""))
    default = (
        base / "motte" if base.is_absolute() else Path(setting.default or "")
    )  # the XDG standard ignores relative paths
    return str(sandbox_state(default) if environ.get("MOTTE_SANDBOX") == "1" else default)


def _unknown(environ: Mapping[str, str]) -> Iterator[str]:
    known = [setting.name for setting in KNOWN] + [*HANDED_ON, *LOCATIONS, *OF_COMMANDS]
    for name in sorted(environ):
        if name.startswith(PREFIX) and name not in known and not _is_injected(name, environ[name]):
            yield f"{_printable(name)} is not a setting{_nearest(name)}"


def _nearest(name: str) -> str:
    """Returns the question whether another setting was meant; nothing if none has a similar name."""
    import difflib  # imported here: only mistakes need it

    names = [setting.name for setting in SETTINGS]
    return "".join(
        f": did you mean {other}?" for other in difflib.get_close_matches(name, names, n=1, cutoff=0.75)
    )


def _printable(name: str) -> str:
    """Replaces what would end a line or control a terminal: a name may hold any letter but `=`."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in name)


def _is_injected(name: str, value: str) -> bool:
    """Whether Kubernetes set the variable, for a service whose name begins with `motte`."""
    match = _INJECTED.fullmatch(name)
    return match is not None and (match["port"] is None or "://" in value)


def _contradictions(values: Mapping[str, Any]) -> Iterator[str]:
    """Yields violated rules between settings. Settings that could not be parsed are reported elsewhere."""
    shortest = values.get("qr_lifetime") or SHORTEST_QR_LIFETIME_SECONDS
    if values.get("qr_min_validity", 0.0) >= shortest:
        yield f"MOTTE_QR_MIN_VALIDITY must be less than the shortest lifetime of a code, {shortest:g} seconds"
