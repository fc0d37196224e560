"""Which addresses are public: a caller must not make this host connect to its own networks."""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

#: NAT64 (RFC 6052): the last four bytes are an IPv4 address.
_NAT64 = IPv6Network("64:ff9b::/96")


def is_public(address: str) -> bool:
    """Whether a numeric address is one of the public internet.

    Loopback, private, link-local, shared (CGNAT), multicast and reserved addresses are not. An IPv6 address
    that stands for an IPv4 address is as public as that one. address: as `getaddrinfo` returns it.
    """
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, IPv6Address):
        found = _ipv4_within(found) or found
    return found.is_global and not found.is_multicast


def _ipv4_within(address: IPv6Address) -> IPv4Address | None:
    """Returns the IPv4 address that packets to this one reach through a gateway or the kernel."""
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
