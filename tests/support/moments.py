"""Moments as answers show them."""

from datetime import datetime


def moment(shown: str) -> float:
    """Seconds since 1970. shown: ISO 8601."""
    return datetime.fromisoformat(shown).timestamp()
