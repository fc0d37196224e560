"""Texts of API keys, which callers send. The store keeps a digest of each."""

import hashlib
import re
import secrets

#: The form of the keys that Motte makes.
RANDOM = re.compile(r"motte_[A-Za-z0-9_-]{43}")


def new_key() -> str:
    """Returns a new key: 256 random bits after a prefix that secret scanners can find."""
    return "motte_" + secrets.token_urlsafe(32)


def is_random(key: str) -> bool:
    """Whether a key has the form of those that `new_key` makes: guessing them is hopeless at any rate."""
    return RANDOM.fullmatch(key) is not None


def digest(key: str) -> str:
    """Returns the hash of a key that the store keeps. SHA-256 is enough for a random key.

    A header may contain any bytes; aiohttp decodes bytes that are not UTF-8 as surrogates.
    """
    return hashlib.sha256(key.encode(errors="surrogateescape")).hexdigest()
