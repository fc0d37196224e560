"""The variable of each setting: its name, default, parser and help."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from server.core import addresses
from server.core.installation import CACHE_VARIABLE
from server.core.settings import validators as parsers
from server.core.settings.model import LISTEN, SANDBOX_LISTEN, AccessLog, Isolation, LogFormat

PREFIX = "MOTTE_"

#: What `motte serve` has found, for supervisord.conf. These are known, but are no settings.
HANDED_ON = (
    *("MOTTE_PYTHON", "MOTTE_ROOT", "MOTTE_CONNECTOR_PROGRAM"),
    *("MOTTE_NODE_RESERVED", "MOTTE_EARLY_FRONT"),
)

#: Says where an installed wheel keeps its Node packages. Every command reads it before its settings.
LOCATIONS = (CACHE_VARIABLE,)

#: URL of the Motte that the commands about sessions talk to.
URL_VARIABLE = "MOTTE_URL"

#: Variables of commands. `motte serve` ignores them.
OF_COMMANDS = (URL_VARIABLE,)


@dataclass(frozen=True, slots=True)
class Setting:
    """One variable of the environment. It is also an option of `motte serve` and a row in the docs."""

    name: str
    #: As a user would write it. None: unset.
    default: str | None
    #: Raises ValueError with the rule.
    parse: Callable[[str], Any]
    help: str
    #: A secret is not shown, is an option of `motte serve` only, and `to_environ` leaves it out.
    secret: bool = False

    @property
    def field(self) -> str:
        """Name in `Settings`: `qr_timeout`."""
        return self.name.removeprefix(PREFIX).lower()

    @property
    def option(self) -> str:
        """Name on the command line: `--qr-timeout`."""
        return "--" + self.field.replace("_", "-")


SETTINGS = (
    Setting(
        "MOTTE_STATE",
        "~/.local/state/motte",
        parsers.state_folder,
        "folder with everything that lasts; with --sandbox, the default is motte-sandbox next to it",
    ),
    Setting(
        "MOTTE_LISTEN",
        str(LISTEN),
        addresses.parse_listen,
        "host:port of the REST API, several joined by commas, or unix:/path; port 0 is any free port",
    ),
    Setting("MOTTE_API_KEY", None, parsers.api_key, "first admin key; if unset, a key is made", secret=True),
    Setting(
        "MOTTE_WHATSAPP_URL", None, addresses.websocket_url, "endpoint of WhatsApp; if unset, WhatsApp's own"
    ),
    Setting(
        "MOTTE_WHATSAPP_ROOT_KEY",
        None,
        parsers.public_key,
        "public key, in hex, that must have signed the endpoint's certificate; if unset, WhatsApp's own",
    ),
    Setting(
        "MOTTE_WHATSAPP_VERSION",
        None,
        parsers.version,
        "version of WhatsApp Web to announce, such as 2.3000.1049950004, or `builtin`; if unset, looked up",
    ),
    Setting(
        "MOTTE_WHATSAPP_VERSION_URL",
        None,
        addresses.http_url,
        "URL of the version look-up; if unset, WhatsApp's own site, or no look-up with MOTTE_WHATSAPP_URL",
    ),
    Setting(
        "MOTTE_PROXY",
        None,
        parsers.proxy,
        "URL of the proxy for sessions without a proxy of their own, or environment; if unset, no proxy",
        secret=True,
    ),
    Setting("MOTTE_QR_TIMEOUT", "30", parsers.seconds, "seconds that a create waits for the first code"),
    Setting("MOTTE_REFRESH_TIMEOUT", "15", parsers.seconds, "seconds that a read waits for a new code"),
    Setting(
        "MOTTE_QR_LIFETIME",
        None,
        parsers.seconds,
        "seconds that each code is shown; if unset, 60 for the first of a socket and 20 for each later one",
    ),
    Setting(
        "MOTTE_QR_MIN_VALIDITY",
        "2",
        parsers.seconds_or_none,
        "a code that is valid for fewer seconds counts as expired; less than the shortest lifetime",
    ),
    Setting(
        "MOTTE_PUBLIC_URL",
        None,
        addresses.base_url,
        "URL at which clients reach this host, for links that are sent out",
    ),
    Setting(
        "MOTTE_CORS_ORIGINS",
        None,
        addresses.parse_origins,
        "origins of web pages whose scripts may use the API with a key, joined by commas; if unset, none",
    ),
    Setting("MOTTE_RATE_LIMIT", None, parsers.rate, "requests per second for each key; if unset, no limit"),
    Setting(
        "MOTTE_START_CONCURRENCY",
        None,
        parsers.count,
        "processes of paired sessions that may start at the same time; if unset, one for each core",
    ),
    Setting(
        "MOTTE_WARM_SPARES",
        "1",
        parsers.warm_spares,
        "processes that are started in advance, each for the next new session; 0: none",
    ),
    Setting(
        "MOTTE_MAX_SESSIONS",
        "1000",
        parsers.max_sessions,
        "sessions that there may be; those that exist already are not touched",
    ),
    Setting(
        "MOTTE_MIN_FREE_MEMORY",
        "128",
        parsers.min_free_memory,
        "MiB of memory that must be free for a new session; 0: do not check",
    ),
    Setting(
        "MOTTE_LOG_FORMAT",
        "text",
        parsers.one_of(LogFormat),
        "format of the log lines of the front and the connectors: text or json",
    ),
    Setting(
        "MOTTE_ACCESS_LOG",
        "changes",
        parsers.one_of(AccessLog),
        "requests that are logged: changes (and failures), all, or none",
    ),
    Setting(
        "MOTTE_CONNECTOR_MEMORY",
        "256",
        parsers.mebibytes,
        "MiB of a session's process; a process above that is restarted",
    ),
    Setting(
        "MOTTE_CONNECTOR_ISOLATION",
        "on",
        parsers.one_of(Isolation),
        "on: each session's process reaches its own folder alone, as far as the kernel can do that; or off",
    ),
    Setting(
        "MOTTE_NODE",
        None,
        parsers.program,
        "path of Node 24 or newer, which runs the connectors; if unset, the one installed with Motte",
    ),
    Setting("MOTTE_MESSAGE_RETENTION", "604800", parsers.retention, "seconds that a message is kept"),
    Setting(
        "MOTTE_MAX_MESSAGES", "100000", parsers.max_messages, "messages of one session that are kept at most"
    ),
    Setting(
        "MOTTE_MAX_MESSAGE_STORAGE",
        "100",
        parsers.message_storage,
        "MiB of messages of one session that are kept at most",
    ),
    Setting(
        "MOTTE_ALLOW_PRIVATE_WEBHOOKS",
        "0",
        parsers.flag,
        "1: webhooks may be on this host and in private networks, such as n8n in the same compose file",
    ),
    Setting(
        "MOTTE_SEND_RATE",
        "1",
        parsers.rate_or_none,
        "messages that a session sends in a second on average, after five at once; 0: no limit",
    ),
    Setting(
        "MOTTE_NEW_CHAT_RATE",
        "6",
        parsers.rate_or_none,
        "first messages to new chats that a session sends in a minute, after five at once; 0: no limit",
    ),
)

#: Set by `motte serve --sandbox` for the processes that it starts.
SANDBOX_SETTINGS = (
    Setting("MOTTE_SANDBOX", "0", parsers.flag, "1: a simulated WhatsApp runs next to the front"),
    Setting(
        "MOTTE_SANDBOX_LISTEN",
        str(SANDBOX_LISTEN),
        addresses.parse_address,
        "host:port of the simulated WhatsApp",
    ),
)

KNOWN = SETTINGS + SANDBOX_SETTINGS
