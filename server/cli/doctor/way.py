"""Which way sessions take to WhatsApp, and whether it leads there."""

import socket
import ssl
import threading
from base64 import b64encode
from http.client import HTTPConnection, HTTPException
from typing import NamedTuple
from urllib.parse import urlsplit

from python_socks import ProxyError, ProxyTimeoutError, ProxyType
from python_socks.sync import Proxy as SocksProxy

from server.cli.doctor.finding import Finding, ok, warning
from server.core.host_proxy import HostProxy
from server.core.proxies import Proxy

#: Seconds, for the name, the connection, the proxy and TLS together.
CONNECT_TIMEOUT_SECONDS = 5.0

PORTS = {"ws": 80, "wss": 443}

LOOK_AT_NETWORK = "check the network, its DNS and its firewall; sessions cannot connect without"
LOOK_AT_PROXY = "check the proxy, and MOTTE_PROXY; sessions without one of their own cannot connect"


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


def check_way(proxy: HostProxy | None, url: str, own: int) -> Finding:
    """Says which way it is. url: of the endpoint. own: how many sessions have a proxy of their own."""
    others = f"; {own} with a proxy of their own" if own else ""
    if proxy is None:
        return ok("proxy", f"sessions connect directly{others}")
    taken = proxy.of(url)
    if taken is None:
        return ok("proxy", f"{Endpoint.of(url)} is reached directly, not through {proxy.proxy}{others}")
    return ok("proxy", f"sessions connect through {taken}{others}")


def check_whatsapp(
    endpoint: Endpoint, proxy: Proxy | None = None, *, within: float = CONNECT_TIMEOUT_SECONDS
) -> Finding:
    """Failing is a warning: the network may come back. within: seconds."""
    answers: list[str | None] = []
    # A thread that nobody waits for: a resolver cannot be told to give up.
    asking = threading.Thread(target=lambda: answers.append(_trouble(endpoint, proxy, within)), daemon=True)
    asking.start()
    asking.join(within)
    trouble = answers[0] if answers else f"no answer within {within:g} seconds"
    way = f"{endpoint} through {proxy}" if proxy else str(endpoint)
    if trouble:
        return warning("whatsapp", f"{way}: {trouble}", LOOK_AT_PROXY if proxy else LOOK_AT_NETWORK)
    is_certified = endpoint.tls and not _is_tls(proxy)
    return ok("whatsapp", f"{way} answers" + " with a valid certificate" * is_certified)


def _trouble(endpoint: Endpoint, proxy: Proxy | None, within: float) -> str | None:
    try:
        with _connected(endpoint, proxy, within) as connection:
            if endpoint.tls and not _is_tls(proxy):  # Python's sockets have no TLS within TLS
                ssl.create_default_context().wrap_socket(connection, server_hostname=endpoint.host).close()
    except socket.gaierror as error:
        return f"the name cannot be resolved: {error.strerror}"
    except ssl.SSLCertVerificationError as error:
        return f"its certificate is refused: {error.verify_message}"
    except (TimeoutError, ProxyTimeoutError):
        return f"no answer within {within:g} seconds"
    except OSError as error:
        return f"it cannot be reached: {error.strerror or error}"
    except (ProxyError, HTTPException) as error:
        return f"the proxy refuses, or is not one: {error}"
    return None


def _connected(endpoint: Endpoint, proxy: Proxy | None, within: float) -> socket.socket:
    """A connection to the endpoint, whose name the proxy looks up."""
    if proxy is None:
        return socket.create_connection((endpoint.host, endpoint.port), timeout=within)
    if proxy.scheme == "socks5":
        way = SocksProxy(ProxyType.SOCKS5, proxy.host, proxy.port, proxy.user, proxy.password, rdns=True)
        return way.connect(endpoint.host, endpoint.port, timeout=within)
    return _tunnelled(endpoint, proxy, within)


def _tunnelled(endpoint: Endpoint, proxy: Proxy, within: float) -> socket.socket:
    """CONNECT. An OSError says what the proxy answered, such as `Tunnel connection failed: 407 …`."""
    near = socket.create_connection((proxy.host, proxy.port), timeout=within)
    try:
        if _is_tls(proxy):
            near = ssl.create_default_context().wrap_socket(near, server_hostname=proxy.host)
        connection = HTTPConnection(proxy.host, proxy.port, timeout=within)
        connection._create_connection = lambda *_: near  # type: ignore[attr-defined]  # it is open already
        connection.set_tunnel(endpoint.host, endpoint.port, _credentials(proxy))
        connection.connect()
    except BaseException:
        near.close()
        raise
    return near


def _credentials(proxy: Proxy) -> dict[str, str]:
    if proxy.user is None:
        return {}
    text = b64encode(f"{proxy.user}:{proxy.password}".encode()).decode()
    return {"Proxy-Authorization": f"Basic {text}"}


def _is_tls(proxy: Proxy | None) -> bool:
    return proxy is not None and proxy.scheme == "https"
