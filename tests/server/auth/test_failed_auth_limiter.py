"""How often somebody may come with a wrong key."""

import logging

import pytest

from server.auth.failed_auth_limiter import MAX_IN_TOTAL, MAX_PER_ADDRESS, FailedAuthLimiter
from server.core.errors import RateLimited


def _bring(failed_auth: FailedAuthLimiter, address: str, number: int, now: float = 0.0) -> int:
    """How many of them were refused."""
    refused = 0
    for _ in range(number):
        try:
            failed_auth.count(address, now)
        except RateLimited:
            refused += 1
    return refused


def test_ten_wrong_keys_a_minute_are_mistakes_and_more_are_refused() -> None:
    failed_auth = FailedAuthLimiter()
    assert _bring(failed_auth, "192.0.2.1", 1000) == 1000 - MAX_PER_ADDRESS
    assert _bring(failed_auth, "192.0.2.1", 1, now=59.9) == 1
    assert _bring(failed_auth, "192.0.2.1", 1, now=60.0) == 0


def test_a_refusal_says_when_the_minute_is_over() -> None:
    failed_auth = FailedAuthLimiter()
    _bring(failed_auth, "192.0.2.1", MAX_PER_ADDRESS, now=100.0)
    with pytest.raises(RateLimited) as refused:
        failed_auth.count("192.0.2.1", 117.5)
    assert refused.value.headers() == {"Retry-After": "43"}


def test_one_address_does_not_use_up_another_s() -> None:
    failed_auth = FailedAuthLimiter()
    _bring(failed_auth, "192.0.2.1", 1000)
    assert _bring(failed_auth, "192.0.2.2", 1) == 0


@pytest.mark.parametrize(
    ("one", "other", "are_one"),
    [
        ("2001:db8::1", "2001:db8::2", True),
        ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False),
        ("fe80::1%eth0", "fe80::2%eth0", True),
        ("unknown", "unknown", True),
    ],
)
def test_the_addresses_of_one_network_are_one_caller(one: str, other: str, are_one: bool) -> None:
    failed_auth = FailedAuthLimiter()
    _bring(failed_auth, one, MAX_PER_ADDRESS)
    assert _bring(failed_auth, other, 1) == are_one


def test_a_hundred_thousand_addresses_are_refused_together_and_take_no_memory() -> None:
    failed_auth = FailedAuthLimiter()
    refused = sum(_bring(failed_auth, f"10.{i >> 16}.{i >> 8 & 255}.{i & 255}", 1) for i in range(100_000))
    assert refused == 100_000 - MAX_IN_TOTAL
    assert failed_auth.remembered() <= MAX_IN_TOTAL


def test_the_log_says_once_a_minute_who_it_is(caplog: pytest.LogCaptureFixture) -> None:
    failed_auth = FailedAuthLimiter()
    with caplog.at_level(logging.WARNING):
        _bring(failed_auth, "192.0.2.1", 1000)
        _bring(failed_auth, "192.0.2.1", 1000, now=60.0)
    assert caplog.messages == ["event=wrong_keys address=192.0.2.1 count=10"] * 2
