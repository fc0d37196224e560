"""Checks of the connection to WhatsApp: direct or through a proxy, and whether it works."""

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

#: For DNS, the connection, the proxy and TLS together.
CONNECT_TIMEOUT_SECONDS = 5.0

PORTS = {"ws": 80, "wss": 443}

NETWORK_ADVICE = "check the network, its DNS and its firewall; sessions cannot connect without it"
PROXY_ADVICE = "check the proxy and MOTTE_PROXY; sessions without a proxy of their own cannot connect"


class Endpoint(NamedTuple):
    """Address to which connectors connect."""

    host: str
    port: int
    tls: bool

    @classmethod
    def of(cls, url: str) -> "Endpoint":
        """url: a valid URL with `ws://` or `wss://`."""
        parts = urlsplit(url)
        return cls(parts.hostname or "", parts.port or PORTS[parts.scheme], parts.scheme == "wss")

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


def check_proxy(proxy: HostProxy | None, url: str, own: int) -> Finding:
    """Reports the proxy of the endpoint `url`. own: how many sessions have a proxy of their own."""
    others = f"; {own} with a proxy of their own" if own else ""
    if proxy is None:
        return ok("proxy", f"sessions connect directly{others}")
    used = proxy.of(url)
    if used is None:
        return ok("proxy", f"{Endpoint.of(url)} is reached directly, not through {proxy.proxy}{others}")
    return ok("proxy", f"sessions connect through {used}{others}")


def check_whatsapp(
    endpoint: Endpoint, proxy: Proxy | None = None, *, within: float = CONNECT_TIMEOUT_SECONDS
) -> Finding:
    """WhatsApp can be reached. A failure is a warning: the network may recover. within: seconds."""
    results: list[str | None] = []
    # A daemon thread, because a DNS query cannot be cancelled.
    thread = threading.Thread(target=lambda: results.append(_trouble(endpoint, proxy, within)), daemon=True)
    thread.start()
    thread.join(within)
    trouble = results[0] if results else f"no answer within {within:g} seconds"
    way = f"{endpoint} through {proxy}" if proxy else str(endpoint)
    if trouble:
        return warning("whatsapp", f"{way}: {trouble}", PROXY_ADVICE if proxy else NETWORK_ADVICE)
    is_certified = endpoint.tls and not _is_tls(proxy)
    return ok("whatsapp", f"{way} answers" + " with a valid certificate" * is_certified)


def _trouble(endpoint: Endpoint, proxy: Proxy | None, within: float) -> str | None:
    try:
        with _connected(endpoint, proxy, within) as connection:
            if endpoint.tls and not _is_tls(proxy):  # Python's sockets do not support TLS within TLS
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
    """Connects to the endpoint. The proxy resolves the endpoint's name."""
    if proxy is None:
        return socket.create_connection((endpoint.host, endpoint.port), timeout=within)
    if proxy.scheme == "socks5":
        way = SocksProxy(ProxyType.SOCKS5, proxy.host, proxy.port, proxy.user, proxy.password, rdns=True)
        return way.connect(endpoint.host, endpoint.port, timeout=within)
    return _tunnelled(endpoint, proxy, within)


def _tunnelled(endpoint: Endpoint, proxy: Proxy, within: float) -> socket.socket:
    """Connects with CONNECT. An OSError has the proxy's answer, such as `Tunnel connection failed: 407 …`."""
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
