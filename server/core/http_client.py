"""HTTP client for the front's own requests to other hosts, through the host's proxy if there is one."""

import os
import sys
from typing import Any

from aiohttp import (
    ClientConnectorError,
    ClientError,
    ClientHttpProxyError,
    ClientOSError,
    ClientPayloadError,
    ClientResponseError,
    ClientSession,
    ServerDisconnectedError,
)

from server.core.host_proxy import HostProxy

#: Errors of a request that goes through no SOCKS proxy. EOFError: the other side closed the connection.
FAILURES = (ClientError, TimeoutError, OSError, EOFError)

#: Characters of a text that some library has made.
MAX_ERROR_CHARACTERS = 200


def open_client(url: str, proxy: HostProxy | None, **options: Any) -> ClientSession:
    """Opens a client for requests to the host of `url`. Close it, or use it as a context manager.

    A request to an https URL needs `ssl=await tls()` (certificates.py).
    The proxy resolves the host's name. Proxies in environment variables are ignored.
    proxy: the setting MOTTE_PROXY (`Settings.proxy`). options: those of ClientSession.
    Requests raise `failures()`. Log them with `text_of`: their own text may contain the proxy's password.
    """
    through = proxy.of(url) if proxy else None
    if through is None:
        return ClientSession(**options)
    if through.scheme == "socks5":
        from aiohttp_socks import ProxyConnector, ProxyType  # imported here: few hosts have such a proxy

        connector = ProxyConnector(
            host=through.host,
            port=through.port,
            proxy_type=ProxyType.SOCKS5,
            username=through.user,
            password=through.password,
            rdns=True,
        )
        return ClientSession(connector=connector, **options)
    return ClientSession(proxy=through.url, **options)  # aiohttp removes the credentials from the URL


def failures(*others: type[Exception]) -> tuple[type[Exception], ...]:
    """Returns the errors of a request, direct or through a proxy, and others."""
    socks: Any = sys.modules.get("aiohttp_socks")
    if socks is None:  # no request went through such a proxy
        return (*FAILURES, *others)
    return (*FAILURES, *others, socks.ProxyError, socks.ProxyConnectionError, socks.ProxyTimeoutError)


def text_of(error: Exception) -> str:
    """Returns one line about an error, without credentials, the URL, or what the other side sent."""
    if isinstance(error, ClientHttpProxyError):
        return f"the proxy answers HTTP {error.status}"
    # The texts of aiohttp have the URL, bytes of the response, or its head.
    if isinstance(error, ClientResponseError | ClientPayloadError):
        return "what came back is no HTTP answer"
    if isinstance(error, ServerDisconnectedError):
        is_begun = not isinstance(error.message, str)
        return f"the connection was closed {'within' if is_begun else 'without'} an answer"
    if isinstance(error, ClientOSError) and not isinstance(error, ClientConnectorError):
        return os.strerror(error.errno) if error.errno else "the connection was closed during the request"
    lines = str(error).splitlines() or [type(error).__name__]
    return lines[0][:MAX_ERROR_CHARACTERS]
