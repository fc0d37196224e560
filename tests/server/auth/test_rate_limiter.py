"""How often a key may ask."""

import pytest

from server.auth.rate_limiter import RateLimiter
from server.core.errors import RateLimited


def test_without_a_rate_a_key_may_ask_as_often_as_it_likes() -> None:
    limits = RateLimiter(None)
    for _ in range(10_000):
        limits.count("key", 0.0)


def test_a_key_may_ask_a_second_s_worth_at_once_and_then_at_its_rate() -> None:
    limits = RateLimiter(5)
    for _ in range(5):
        limits.count("key", 0.0)
    with pytest.raises(RateLimited):
        limits.count("key", 0.1)
    limits.count("key", 0.2)
    with pytest.raises(RateLimited):
        limits.count("key", 0.2)


def test_a_refusal_costs_nothing() -> None:
    limits = RateLimiter(1)
    limits.count("key", 0.0)
    for _ in range(100):
        with pytest.raises(RateLimited):
            limits.count("key", 0.5)
    limits.count("key", 1.0)


def test_a_rate_below_one_lets_a_request_through_now_and_then() -> None:
    limits = RateLimiter(0.5)
    limits.count("key", 0.0)
    with pytest.raises(RateLimited):
        limits.count("key", 1.0)
    limits.count("key", 2.0)


def test_one_key_does_not_use_up_another_s() -> None:
    limits = RateLimiter(1)
    limits.count("one", 0.0)
    limits.count("other", 0.0)


@pytest.mark.parametrize(("rate", "seconds"), [(5, "1"), (0.5, "2"), (0.1, "10")])
def test_a_refusal_says_when_the_next_one_is_allowed(rate: float, seconds: str) -> None:
    limits = RateLimiter(rate)
    for _ in range(max(1, round(rate))):
        limits.count("key", 0.0)
    with pytest.raises(RateLimited) as refused:
        limits.count("key", 0.0)
    assert refused.value.headers() == {"Retry-After": seconds}
