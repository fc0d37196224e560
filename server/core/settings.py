"""Settings: what the environment may say, and by which rules."""

import difflib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from server.core import setting_parsers as parsers
from server.core.proxies import HostProxy, host_proxy
from server.core.setting_parsers import Address

PREFIX = "MOTTE_"

LISTEN = Address("127.0.0.1", 8090)
SANDBOX_LISTEN = Address("127.0.0.1", 8091)

#: Seconds that a code is shown at least, where no lifetime is set: the second of a socket and those after it.
SHORTEST_LIFETIME = 20.0

#: The value of MOTTE_WHATSAPP_VERSION that turns the look-up off.
BUILT_IN_VERSION = parsers.BUILT_IN_VERSION

#: Where programs run from; `motte serve` sets them for supervisord.conf. No settings, but not unknown either.
HANDED_ON = ("MOTTE_PYTHON", "MOTTE_NODE", "MOTTE_ROOT")


class ConfigError(Exception):
    """What is wrong with the settings, a line a problem."""


class LogFormat(StrEnum):
    """How log lines are written."""

    TEXT = "text"  # key=value
    JSON = "json"  # an object a line


class AccessLog(StrEnum):
    """Which requests leave a line in the log."""

    CHANGES = "changes"  # those that change something, and those that are refused or fail
    ALL = "all"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Every setting, validated. Times are seconds."""

    #: The folder with everything that lasts.
    state: Path
    listen: Address = LISTEN
    #: A first admin key.
    api_key: str | None = field(default=None, repr=False)
    #: None: WhatsApp's own.
    whatsapp_url: str | None = None
    #: Hex; the public key that must have signed the endpoint's Noise certificate. None: WhatsApp's own.
    whatsapp_root_key: str | None = None
    #: A version, or `builtin`. None: the newest that is known, which may be looked up.
    whatsapp_version: str | None = None
    #: Where the version is looked up. None: at WhatsApp's own site, or nowhere if there is a `whatsapp_url`.
    whatsapp_version_url: str | None = None
    #: The proxy of sessions that have none of their own, and of the front's own look-ups.
    proxy: HostProxy | None = field(default=None, repr=False)
    #: How long a create waits for the first code.
    qr_timeout: float = 30.0
    #: How long a read waits for a fresh code.
    refresh_timeout: float = 15.0
    #: None: as Baileys shows it, 60 for the first code of a socket and 20 for those after it.
    qr_lifetime: float | None = None
    #: A code with less left counts as expired.
    qr_min_validity: float = 2.0
    #: Where callers reach this host, without a slash at its end.
    public_url: str | None = None
    #: Requests a second for each key. None: no limit.
    rate_limit: float | None = None
    #: How many connectors of paired sessions may be starting at once. None: one for each core.
    start_concurrency: int | None = None
    log_format: LogFormat = LogFormat.TEXT
    access_log: AccessLog = AccessLog.CHANGES
    #: MiB that one connector may have resident before it makes room for a fresh one.
    connector_memory: int = 256
    #: How long a message is kept.
    message_retention: float = 604_800.0
    #: Whether a simulated WhatsApp runs beside the front.
    sandbox: bool = False
    sandbox_listen: Address = SANDBOX_LISTEN


@dataclass(frozen=True, slots=True)
class Setting:
    """One variable: read here, an option of `motte serve`, a row in the docs."""

    name: str
    #: As somebody would write it. None: unset.
    default: str | None
    #: Raises ValueError with the rule.
    parse: Callable[[str], Any]
    help: str
    #: Not shown, on no command line but that of `motte serve`, and not in what `to_environ` gives.
    secret: bool = False

    @property
    def field(self) -> str:
        """Its name in `Settings`: `qr_timeout`."""
        return self.name.removeprefix(PREFIX).lower()

    @property
    def option(self) -> str:
        """Its name on the command line: `--qr-timeout`."""
        return "--" + self.field.replace("_", "-")


SETTINGS = (
    Setting(
        "MOTTE_STATE",
        "~/.local/state/motte",
        parsers.state_folder,
        "the folder with everything that lasts; with --sandbox, the default is motte-sandbox next to it",
    ),
    Setting(
        "MOTTE_LISTEN",
        str(LISTEN),
        parsers.address,
        "host:port of the REST API; port 0 takes a free one",
    ),
    Setting("MOTTE_API_KEY", None, parsers.api_key, "a first admin key; unset, one is made", secret=True),
    Setting("MOTTE_WHATSAPP_URL", None, parsers.websocket_url, "endpoint of WhatsApp; unset, WhatsApp's own"),
    Setting(
        "MOTTE_WHATSAPP_ROOT_KEY",
        None,
        parsers.public_key,
        "public key, in hex, that must have signed the endpoint's certificate; unset, WhatsApp's own",
    ),
    Setting(
        "MOTTE_WHATSAPP_VERSION",
        None,
        parsers.version,
        "version of WhatsApp Web to announce, such as 2.3000.1049950004, or `builtin`; unset, looked up",
    ),
    Setting(
        "MOTTE_WHATSAPP_VERSION_URL",
        None,
        parsers.http_url,
        "where the version is looked up; unset, WhatsApp's own site, or nowhere with MOTTE_WHATSAPP_URL",
    ),
    Setting(
        "MOTTE_PROXY",
        None,
        parsers.proxy,
        "URL of the proxy for sessions that have none of their own, or environment; unset, none",
        secret=True,
    ),
    Setting("MOTTE_QR_TIMEOUT", "30", parsers.seconds, "seconds that a create waits for the first code"),
    Setting("MOTTE_REFRESH_TIMEOUT", "15", parsers.seconds, "seconds that a read waits for a fresh code"),
    Setting(
        "MOTTE_QR_LIFETIME",
        None,
        parsers.seconds,
        "seconds that each code is shown; unset, 60 for the first of a socket and 20 for those after it",
    ),
    Setting(
        "MOTTE_QR_MIN_VALIDITY",
        "2",
        parsers.seconds_or_none,
        "a code with fewer seconds left counts as expired; less than the shortest lifetime",
    ),
    Setting(
        "MOTTE_PUBLIC_URL", None, parsers.base_url, "where callers reach this host, for links to be sent out"
    ),
    Setting("MOTTE_RATE_LIMIT", None, parsers.rate, "requests a second for each key; unset, no limit"),
    Setting(
        "MOTTE_START_CONCURRENCY",
        None,
        parsers.count,
        "how many processes of paired sessions may be starting at once; unset, one for each core",
    ),
    Setting(
        "MOTTE_LOG_FORMAT",
        "text",
        parsers.one_of(LogFormat),
        "how the front and the connectors write their log lines: text or json",
    ),
    Setting(
        "MOTTE_ACCESS_LOG",
        "changes",
        parsers.one_of(AccessLog),
        "which requests leave a log line: changes (and what fails), all, or none",
    ),
    Setting(
        "MOTTE_CONNECTOR_MEMORY",
        "256",
        parsers.mebibytes,
        "MiB that a session's process may take before it is exchanged for a fresh one",
    ),
    Setting("MOTTE_MESSAGE_RETENTION", "604800", parsers.retention, "seconds that a message is kept"),
)

#: What `motte serve --sandbox` means, as the processes under it are told.
SANDBOX_SETTINGS = (
    Setting("MOTTE_SANDBOX", "0", parsers.flag, "1: a simulated WhatsApp runs beside the front"),
    Setting(
        "MOTTE_SANDBOX_LISTEN", str(SANDBOX_LISTEN), parsers.address, "host:port of the simulated WhatsApp"
    ),
)

KNOWN = SETTINGS + SANDBOX_SETTINGS


def read(environ: Mapping[str, str]) -> Settings:
    """The settings that `environ` gives. A variable set to nothing counts as unset.

    Raises ConfigError, which names every problem there is and shows no value.
    """
    problems = list(_unknown(environ))
    values: dict[str, Any] = {}
    for setting in KNOWN:
        text = environ.get(setting.name) or _default(setting, environ)
        try:
            values[setting.field] = None if text is None else setting.parse(text)
        except ValueError as rule:
            problems.append(f"{setting.name} {rule}")
    try:
        values["proxy"] = host_proxy(values.get("proxy"), environ)
    except ValueError as rule:
        problems.append(f"MOTTE_PROXY {rule}")
    problems += _contradictions(values)
    if problems:
        raise ConfigError("\n".join(problems))
    return Settings(**values)


def to_environ(settings: Settings) -> dict[str, str]:
    """What `read` makes the same settings of, in another process; secrets are left out."""
    return {
        setting.name: _text(value)
        for setting in KNOWN
        if not setting.secret and (value := getattr(settings, setting.field)) is not None
    }


def sandbox_state(state: Path) -> Path:
    """Where the sandbox keeps its state by default. state: where the real service keeps it."""
    return state.with_name(f"{state.name}-sandbox")


def _text(value: object) -> str:
    return str(int(value)) if isinstance(value, bool) else str(value)


def _default(setting: Setting, environ: Mapping[str, str]) -> str | None:
    if setting.field != "state":
        return setting.default
    base = Path(environ.get("XDG_STATE_HOME", ""))
    default = base / "motte" if base.is_absolute() else Path(setting.default or "")  # the standard says so
    return str(sandbox_state(default) if environ.get("MOTTE_SANDBOX") == "1" else default)


def _unknown(environ: Mapping[str, str]) -> Iterator[str]:
    known = [setting.name for setting in KNOWN] + list(HANDED_ON)
    for name in sorted(environ):
        if name.startswith(PREFIX) and name not in known:
            nearest = difflib.get_close_matches(
                name, [setting.name for setting in SETTINGS], n=1, cutoff=0.75
            )
            yield f"{name} is not a setting" + "".join(f": did you mean {other}?" for other in nearest)


def _contradictions(values: Mapping[str, Any]) -> Iterator[str]:
    """Rules between settings; one that could not be parsed has been complained of already."""
    shortest = values.get("qr_lifetime") or SHORTEST_LIFETIME
    if values.get("qr_min_validity", 0.0) >= shortest:
        yield f"MOTTE_QR_MIN_VALIDITY must be less than the shortest lifetime of a code, {shortest:g} seconds"
