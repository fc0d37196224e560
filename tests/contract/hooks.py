"""All that schemathesis reads."""

from tests.contract import addresses, refusals

__all__ = ["addresses", "refusals"]
