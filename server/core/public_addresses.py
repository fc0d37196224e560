"""Which addresses are public: a caller must not make this host connect to its own networks."""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

#: NAT64 (RFC 6052): the last four bytes are an IPv4 address.
_NAT64 = IPv6Network("64:ff9b::/96")

#: All IPv6 addresses of the public internet (IANA, Internet Protocol Version 6 Address Space). Outside are
#: site-local (fec0::/10) and local NAT64 addresses (64:ff9b:1::/48), and those that stand for IPv4 addresses.
_GLOBAL_UNICAST = IPv6Network("2000::/3")

#: Addresses that some versions of Python count as global. IANA IPv4 and IPv6 Special-Purpose Address
#: Registry: protocol assignments, among them the metadata of Oracle's cloud (192.0.0.192); relays of 6to4,
#: which is abandoned; documentation. And Azure's platform, "a virtual public IP address" of the host of each
#: machine (Microsoft Learn, What is IP address 168.63.129.16).
_NOT_PUBLIC = (
    IPv4Network("192.0.0.0/24"),
    IPv4Network("192.88.99.0/24"),
    IPv4Network("168.63.129.16/32"),
    IPv6Network("3fff::/20"),
)


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
    if isinstance(found, IPv6Address) and found not in _GLOBAL_UNICAST:
        return False
    return found.is_global and not found.is_multicast and not any(found in network for network in _NOT_PUBLIC)


def is_loopback(address: str) -> bool:
    """Whether a numeric address is the loopback of this host. address: as `getaddrinfo` returns it."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, IPv6Address):
        found = found.ipv4_mapped or found
    return found.is_loopback


def _ipv4_within(address: IPv6Address) -> IPv4Address | None:
    """Returns the IPv4 address that packets to this one reach through a gateway or the kernel."""
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
