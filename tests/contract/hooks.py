"""All that schemathesis reads."""

from tests.contract import addresses, cursors

__all__ = ["addresses", "cursors"]
