"""Idempotency keys and what makes two requests the same."""

from typing import Any

import msgspec
import pytest

from server.outbound.idempotency import MAX_KEY_LENGTH, idempotent


def digest(*request: Any) -> str:
    return idempotent("key", *request).sha256


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (b'{"to": "1", "text": "a"}', b'{"text":"a","to":"1"}'),
        (b'{"text": "\\u0061"}', b'{"text": "a"}'),
        (b'{"ttl": 60}', b'{"ttl": 60.0}'),
        (b'{"ttl": 60}', b'{"ttl": 6e1}'),
        (b'{"a": {"c": 1, "b": [1.0, 2]}}', b'{"a": {"b": [1, 2.0], "c": 1}}'),
    ],
)
def test_requests_whose_json_is_equal_are_the_same(one: bytes, other: bytes) -> None:
    assert digest(msgspec.json.decode(one)) == digest(msgspec.json.decode(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"text": "a"}, {"text": "b"}),
        ({"text": "a"}, {"text": "a", "ttl": 86_400}),
        ({"text": "1"}, {"text": 1}),
        ({"a": [1, 2]}, {"a": [2, 1]}),
        ({"a": None}, {}),
        ({"a": True}, {"a": 1}),
        ({"a": 0.5}, {"a": 0.25}),
    ],
)
def test_any_other_request_is_another(one: Any, other: Any) -> None:
    assert digest(one) != digest(other)


def test_the_same_body_for_another_message_is_another_request() -> None:
    assert digest("edit", "3EB0AA", {"text": "a"}) != digest("edit", "3EB0BB", {"text": "a"})


@pytest.mark.parametrize("key", ["a", "order-4711", "~" * MAX_KEY_LENGTH, '"quoted"', '"'])
def test_a_key_is_visible_text(key: str) -> None:
    assert idempotent(key).key == (key.strip('"') if len(key) > 2 else key)


@pytest.mark.parametrize("key", ["", " ", "a b", "a\tb", "ä", "a\0", "~" * (MAX_KEY_LENGTH + 1)])
def test_any_other_key_is_refused_with_the_rule(key: str) -> None:
    with pytest.raises(ValueError, match="must be 1 to 255 visible ASCII characters"):
        idempotent(key)
