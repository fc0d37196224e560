"""The front's own requests to other hosts, through the proxy of the host if there is one."""

from typing import Any

from aiohttp import ClientError, ClientSession
from aiohttp_socks import ProxyConnectionError, ProxyConnector, ProxyError, ProxyTimeoutError, ProxyType

from server.proxies import HostProxy, Proxy

#: What a request of such a client may raise, whatever its way.
FAILURES = (ClientError, TimeoutError, OSError, ProxyError, ProxyConnectionError, ProxyTimeoutError)


def open_client(url: str, proxy: HostProxy | None, **options: Any) -> ClientSession:
    """A client for requests to the host of `url`; close it, or use it as a context manager.

    The host's name is looked up by the proxy. The environment's own proxies count for nothing here.
    proxy: the setting MOTTE_PROXY (`Settings.proxy`). options: as ClientSession takes them.
    Requests raise FAILURES. Log their type or their text, never their `repr`: that has the headers.
    """
    through = proxy.of(url) if proxy else None
    if through is None:
        return ClientSession(**options)
    if through.scheme == "socks5":
        return ClientSession(connector=_socks(through), **options)
    return ClientSession(proxy=through.url, **options)  # aiohttp takes the credentials out of it


def _socks(proxy: Proxy) -> ProxyConnector:
    return ProxyConnector(
        host=proxy.host,
        port=proxy.port,
        proxy_type=ProxyType.SOCKS5,
        username=proxy.user,
        password=proxy.password,
        rdns=True,
    )
