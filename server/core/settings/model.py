"""Settings of Motte, with their types and defaults.

definitions.py has the variable of each, environment.py reads them, validators.py checks them.
"""

from dataclasses import dataclass, field
from pathlib import Path

from server.core.addresses import Address, Listen, Origins
from server.core.host_proxy import HostProxy
from server.core.settings.words import AccessLog as AccessLog
from server.core.settings.words import Isolation as Isolation
from server.core.settings.words import LogFormat as LogFormat

LISTEN = Listen([Address("127.0.0.1", 8090)])
SANDBOX_LISTEN = Address("127.0.0.1", 8091)

#: Value of `whatsapp_version` that turns the look-up off.
BUILT_IN_VERSION = "builtin"

#: The shortest lifetime of a code without `qr_lifetime`: that of each code after a socket's first one.
SHORTEST_QR_LIFETIME_SECONDS = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Every setting, validated. Times are seconds."""

    #: The state folder.
    state: Path
    listen: Listen = LISTEN
    #: The first admin key.
    api_key: str | None = field(default=None, repr=False)
    #: URL of the endpoint. None: WhatsApp's own.
    whatsapp_url: str | None = None
    #: Hex. The public key that must have signed the endpoint's Noise certificate. None: WhatsApp's own.
    whatsapp_root_key: str | None = None
    #: A version, or `builtin`. None: the newest known version, which may be looked up.
    whatsapp_version: str | None = None
    #: URL of the look-up. None: WhatsApp's own site, or no look-up if `whatsapp_url` is set.
    whatsapp_version_url: str | None = None
    #: Proxy of the sessions without a proxy of their own, and of the front's own requests.
    proxy: HostProxy | None = field(default=None, repr=False)
    #: Time that a create waits for the first code.
    qr_timeout: float = 30.0
    #: Time that a read waits for a new code.
    refresh_timeout: float = 15.0
    #: None: as Baileys does, 60 for the first code of a socket and 20 for each later one.
    qr_lifetime: float | None = None
    #: A code that is valid for less than this counts as expired.
    qr_min_validity: float = 2.0
    #: URL at which clients reach this host, without a slash at its end.
    public_url: str | None = None
    #: Origins of pages whose scripts may use the API. None: of Motte's own pages only.
    cors_origins: Origins | None = None
    #: Requests per second for each key. None: no limit.
    rate_limit: float | None = None
    #: Connectors of paired sessions that may start at the same time. None: one for each core.
    start_concurrency: int | None = None
    #: Processes that have loaded, and wait for a session.
    warm_spares: int = 1
    #: Sessions that a create may leave.
    max_sessions: int = 1000
    #: MiB that must be free for a new session. 0: any number will do.
    min_free_memory: int = 128
    log_format: LogFormat = LogFormat.TEXT
    access_log: AccessLog = AccessLog.CHANGES
    #: Resident MiB of one connector. A connector above that is restarted.
    connector_memory: int = 256
    #: Whether each connector is kept in its own folder.
    connector_isolation: Isolation = Isolation.ON
    #: Program that runs the connectors. None: the one that was installed with Motte.
    node: Path | None = None
    #: Time that a message is kept.
    message_retention: float = 604_800.0
    #: Messages of one session that are kept.
    max_messages: int = 100_000
    #: MiB of them.
    max_message_storage: int = 100
    #: Whether webhooks may be on this host or in its own networks.
    allow_private_webhooks: bool = False
    #: Messages that a session sends in a second. 0: any number.
    send_rate: float = 1.0
    #: First messages to new chats that a session sends in a minute. 0: any number.
    new_chat_rate: float = 6.0
    #: Whether a simulated WhatsApp runs next to the front.
    sandbox: bool = False
    sandbox_listen: Address = SANDBOX_LISTEN
