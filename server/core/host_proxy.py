"""Proxy of the host: what MOTTE_PROXY means, and which requests go through it."""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from ipaddress import IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

from server.core.proxies import URL_RULE, Proxy
from server.core.proxy_variables import VARIABLES

#: Value of MOTTE_PROXY: read the variables of other programs.
ENVIRONMENT = "environment"


@dataclass(frozen=True, slots=True)
class HostProxy:
    """Proxy of the whole host, with the targets that are reached directly."""

    proxy: Proxy
    #: NO_PROXY: the targets that are reached directly.
    exceptions: str = ""
    #: Value of MOTTE_PROXY, which may hold a password. It is passed on to other processes.
    setting: str = field(repr=False, kw_only=True)

    def of(self, url: str) -> Proxy | None:
        """Returns the proxy for a request to this URL; None if it is reached directly."""
        target = urlsplit(url)
        host, port = target.hostname or "", target.port
        exceptions = self.exceptions.lower().replace(",", " ").split()
        is_direct = is_loopback(host) or any(_matches(host.lower(), port, entry) for entry in exceptions)
        return None if is_direct else self.proxy


def check_setting(text: str) -> None:
    """Validates the value of MOTTE_PROXY. Raises ValueError with the rule."""
    if text == ENVIRONMENT:
        return
    try:
        Proxy.parse(text)
    except ValueError:
        raise ValueError(f"{URL_RULE}; or the word {ENVIRONMENT}") from None


def host_proxy(setting: str | None, environ: Mapping[str, str]) -> HostProxy | None:
    """Returns the proxy that MOTTE_PROXY names; None if it is unset.

    setting: a value that `check_setting` accepted. environ: HTTPS_PROXY, ALL_PROXY and NO_PROXY are read if
    the setting is `environment`. Lower-case names take precedence. Raises ValueError with the rule.
    """
    if setting is None:
        return None
    if setting != ENVIRONMENT:
        return HostProxy(Proxy.parse(setting), setting=setting)
    for name in VARIABLES[1:5]:
        if environ.get(name):
            exceptions = environ.get("no_proxy") or environ.get("NO_PROXY") or ""
            return HostProxy(_parse_foreign(name, environ[name]), exceptions, setting=setting)
    raise ValueError(f"is {ENVIRONMENT}, and neither HTTPS_PROXY nor ALL_PROXY is set")


def is_loopback(host: str) -> bool:
    """Whether a host name or an address is this host's own. Such a target is reached directly."""
    name = host.lower().rstrip(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return (mapped or address).is_loopback


def _parse_foreign(name: str, text: str) -> Proxy:
    """Parses a variable of other programs, which may omit the scheme. Raises ValueError with the rule."""
    try:
        return Proxy.parse(text if "://" in text else f"http://{text}")
    except ValueError:
        raise ValueError(f"is {ENVIRONMENT}, and {name.upper()} {URL_RULE}") from None


def _matches(host: str, port: int | None, entry: str) -> bool:
    """entry: `*`, a name with its subdomains, an address or a network, each with or without a port."""
    if entry == "*":
        return True
    with suppress(ValueError):
        return ip_address(host) in ip_network(entry.strip("[]"), strict=False)
    name, _, wanted = entry.rpartition(":") if re.search(r":\d+$", entry) else (entry, "", "")
    if wanted and int(wanted) != port:
        return False
    name = name.removeprefix("*").removeprefix(".").strip("[]")
    return host == name or host.endswith(f".{name}")
