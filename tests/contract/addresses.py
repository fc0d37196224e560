"""Read by schemathesis: every connection comes from another address of this host.

It tries wrong keys at every route, and guesses are limited for each address.
"""

from itertools import count
from typing import Any

from urllib3.connection import HTTPConnection

_numbers = count(2)
_plain = HTTPConnection.__init__


def _from_another_address(connection: Any, *arguments: Any, **options: Any) -> None:
    block, number = divmod(next(_numbers), 250)
    _plain(connection, *arguments, **{**options, "source_address": (f"127.0.{block}.{number + 1}", 0)})


HTTPConnection.__init__ = _from_another_address
