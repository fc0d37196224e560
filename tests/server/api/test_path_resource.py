"""Addresses with variable parts match what those of aiohttp match."""

import pytest
from aiohttp.web_urldispatcher import DynamicResource

from server.api.path_resource import PathResource
from server.api.routes import ROUTES

ADDRESSES = sorted({route.path for route in ROUTES})

#: Put into each variable part.
PARTS = ("shop", "", "a b", "ä\n", ".", "..", "{id}", "a}", "a%2Fb", "100%25", "%", "a:b;c=d", "\0")


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_matches_as_that_of_aiohttp(address: str) -> None:
    own, others = PathResource(address), DynamicResource(address)
    paths = [address, *ADDRESSES, f"{address}/", f"{address}/more", address.rpartition("/")[0], "", "//"]
    paths += [address.replace("{id}", part).replace("{mid}", part) for part in PARTS]
    paths += [path.replace("{", "").replace("}", "") for path in paths]
    for path in paths:
        assert own._match(path) == others._match(path), path
    assert own.canonical == others.canonical
