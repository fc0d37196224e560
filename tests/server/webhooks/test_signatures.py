"""Signatures, as the library of Standard Webhooks checks them."""

import json
import time
from base64 import b64decode

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from server.webhooks.signatures import new_secret, signed_headers

BODY = '{"id":"evt_1","data":{"text":"Grüße 👋\\u2028"}}'.encode()


def now() -> int:
    return int(time.time())


def test_the_library_of_standard_webhooks_accepts_a_delivery() -> None:
    secret = new_secret()

    assert Webhook(secret).verify(BODY, signed_headers("evt_1", now(), BODY, [secret])) == json.loads(BODY)


def test_during_a_rotation_both_secrets_verify() -> None:
    old, new = new_secret(), new_secret()
    headers = signed_headers("evt_1", now(), BODY, [new, old])

    Webhook(old).verify(BODY, headers)
    Webhook(new).verify(BODY, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(new_secret()).verify(BODY, headers)


@pytest.mark.parametrize(
    "changed",
    [
        {"webhook-id": "evt_2"},
        {"webhook-timestamp": str(now() - 1)},
        {"webhook-timestamp": str(now() - 3600)},
        {"webhook-signature": "v1,AAAA"},
    ],
)
def test_a_changed_header_is_refused(changed: dict[str, str]) -> None:
    secret = new_secret()

    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(BODY, signed_headers("evt_1", now(), BODY, [secret]) | changed)


def test_a_changed_body_is_refused() -> None:
    secret = new_secret()

    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(BODY + b" ", signed_headers("evt_1", now(), BODY, [secret]))


def test_a_secret_has_24_random_bytes() -> None:
    first, second = new_secret(), new_secret()

    assert first != second
    assert first.startswith("whsec_")
    assert len(b64decode(first.removeprefix("whsec_"))) == 24
