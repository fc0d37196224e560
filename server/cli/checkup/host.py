"""What Motte needs of the host: right clocks, a way to WhatsApp."""

import socket
import ssl
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from server.cli.checkup.finding import Finding, ok, warning, wrong
from server.clock import UPTIME, Clock

#: Years between which this Motte is likely to run.
YEARS = range(2026, 2100)

#: Seconds that the boot clock may be off /proc/uptime.
DRIFT = 0.1

#: Seconds, for the name, the connection and TLS together.
PATIENCE = 5.0

PORTS = {"ws": 80, "wss": 443}

LOOK_AT_NETWORK = "check the network, its DNS and its firewall; sessions cannot connect without"


class Endpoint(NamedTuple):
    """Where connectors go."""

    host: str
    port: int
    tls: bool

    @classmethod
    def of(cls, url: str) -> "Endpoint":
        """url: `ws://` or `wss://`, checked before."""
        parts = urlsplit(url)
        return cls(parts.hostname or "", parts.port or PORTS[parts.scheme], parts.scheme == "wss")

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


def check_clock(clock: Clock, uptime: Path = UPTIME) -> Finding:
    """Codes expire by the boot clock, and are shown and logged by the wall clock."""
    drift = clock.boot() - float(uptime.read_text().split()[0])
    if abs(drift) > DRIFT:
        return wrong(
            "clock", f"the boot clock is {drift:.1f} s off {uptime}", "report it with your container's name"
        )
    now = datetime.fromtimestamp(clock.wall() / 1000, UTC)
    if now.year not in YEARS:
        return wrong("clock", f"the year is {now.year}", "set the host's clock: timedatectl, chrony")
    return ok("clock", f"{now:%Y-%m-%d %H:%M:%SZ}")


def check_whatsapp(endpoint: Endpoint, *, within: float = PATIENCE) -> Finding:
    """Failing is a warning: the network may come back. within: seconds."""
    answers: list[str | None] = []
    # A thread that nobody waits for: a resolver cannot be told to give up.
    asking = threading.Thread(target=lambda: answers.append(_trouble(endpoint, within)), daemon=True)
    asking.start()
    asking.join(within)
    trouble = answers[0] if answers else f"no answer within {within:g} seconds"
    if trouble:
        return warning("whatsapp", f"{endpoint}: {trouble}", LOOK_AT_NETWORK)
    return ok("whatsapp", f"{endpoint} answers" + " with a valid certificate" * endpoint.tls)


def _trouble(endpoint: Endpoint, within: float) -> str | None:
    try:
        with socket.create_connection((endpoint.host, endpoint.port), timeout=within) as connection:
            if endpoint.tls:
                ssl.create_default_context().wrap_socket(connection, server_hostname=endpoint.host).close()
    except socket.gaierror as error:
        return f"the name cannot be resolved: {error.strerror}"
    except ssl.SSLCertVerificationError as error:
        return f"its certificate is refused: {error.verify_message}"
    except OSError as error:
        return f"it cannot be reached: {error.strerror or error}"
    return None
