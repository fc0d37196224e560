"""The variables that a connector sees. All others of the host stay hidden from it."""

from collections.abc import Mapping
from typing import Final

#: Settings of Motte that connector/settings.js reads.
SETTINGS: Final = (
    "MOTTE_STATE",
    "MOTTE_WHATSAPP_URL",
    "MOTTE_WHATSAPP_ROOT_KEY",
    "MOTTE_CONNECTOR_MEMORY",
    "MOTTE_QR_LIFETIME",
    "MOTTE_LOG_FORMAT",
)

#: Variables that Node and the C library read. None of them names a program to run.
FOREIGN: Final = (
    # Certificates that Node trusts in addition: of a proxy with TLS, or of an endpoint in front of WhatsApp.
    "NODE_EXTRA_CA_CERTS",
    "NODE_USE_SYSTEM_CA",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "NODE_COMPILE_CACHE",
    # Libraries of an operator's own Node.
    "LD_LIBRARY_PATH",
    # How names are looked up: resolv.conf(5), environ(7).
    "RES_OPTIONS",
    "LOCALDOMAIN",
    "TZ",
    "LANG",
    "LC_ALL",
)

#: Every variable of supervisord that a connector inherits.
VARIABLES: Final = frozenset((*SETTINGS, *FOREIGN))


def connector_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Returns what a connector may see of an environment."""
    return {name: value for name, value in environ.items() if name in VARIABLES}
