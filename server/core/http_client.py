"""The front's own requests to other hosts, through the proxy of the host if there is one."""

from typing import Any

from aiohttp import ClientError, ClientHttpProxyError, ClientResponseError, ClientSession
from aiohttp_socks import ProxyConnectionError, ProxyConnector, ProxyError, ProxyTimeoutError, ProxyType

from server.core.proxies import HostProxy, Proxy

#: What a request of such a client may raise, whatever its way. EOFError: a SOCKS proxy closed without a word.
FAILURES = (
    ClientError,
    TimeoutError,
    OSError,
    EOFError,
    ProxyError,
    ProxyConnectionError,
    ProxyTimeoutError,
)

#: Characters of an error's text that are kept: some hold what the other side has sent.
LONGEST_TEXT = 200


def open_client(url: str, proxy: HostProxy | None, **options: Any) -> ClientSession:
    """A client for requests to the host of `url`; close it, or use it as a context manager.

    The host's name is looked up by the proxy. The environment's own proxies count for nothing here.
    proxy: the setting MOTTE_PROXY (`Settings.proxy`). options: as ClientSession takes them.
    Requests raise FAILURES. Log what `text_of` says of them: their own text may have the proxy's password.
    """
    through = proxy.of(url) if proxy else None
    if through is None:
        return ClientSession(**options)
    if through.scheme == "socks5":
        return ClientSession(connector=_socks(through), **options)
    return ClientSession(proxy=through.url, **options)  # aiohttp takes the credentials out of it


def text_of(error: Exception) -> str:
    """One line that says what went wrong, without credentials."""
    if isinstance(error, ClientHttpProxyError):
        return f"the proxy answers HTTP {error.status}"
    if isinstance(error, ClientResponseError):  # its text has the URL of the proxy, and bytes of the answer
        return "what came back is no HTTP answer"
    lines = str(error).splitlines() or [type(error).__name__]
    return lines[0][:LONGEST_TEXT]


def _socks(proxy: Proxy) -> ProxyConnector:
    return ProxyConnector(
        host=proxy.host,
        port=proxy.port,
        proxy_type=ProxyType.SOCKS5,
        username=proxy.user,
        password=proxy.password,
        rdns=True,
    )
