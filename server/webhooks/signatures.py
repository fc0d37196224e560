"""Secrets and signatures of webhooks, after Standard Webhooks (standardwebhooks.com)."""

import hmac
import secrets
from base64 import b64decode, b64encode
from collections.abc import Iterable

PREFIX = "whsec_"

#: Random bytes of a secret. Standard Webhooks asks for 24 to 64.
SECRET_BYTES = 24


def new_secret() -> str:
    """Returns a new secret: `whsec_` and 24 random bytes in Base64."""
    return PREFIX + b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def signed_headers(event_id: str, timestamp: int, body: bytes, keys: Iterable[str]) -> dict[str, str]:
    """Returns the headers that a delivery carries.

    timestamp: seconds since 1970, of this attempt: receivers refuse what is older than some minutes.
    keys: the secrets that are valid now; each makes a signature.
    """
    return {
        "webhook-id": event_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(_signature(event_id, timestamp, body, key) for key in keys),
    }


def _signature(event_id: str, timestamp: int, body: bytes, key: str) -> str:
    signed = b"%s.%d." % (event_id.encode(), timestamp) + body
    digest = hmac.digest(b64decode(key.removeprefix(PREFIX)), signed, "sha256")
    return "v1," + b64encode(digest).decode()
