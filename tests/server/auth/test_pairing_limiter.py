"""How many pairing codes a scan link may request."""

import pytest

from server.auth.pairing_limiter import MAX_PER_SESSION, WINDOW_SECONDS, PairingLimiter
from server.core.errors import RateLimited


def test_a_session_has_ten_requests_in_ten_minutes() -> None:
    limiter = PairingLimiter()
    for second in range(MAX_PER_SESSION):
        limiter.count("shop", second)
    with pytest.raises(RateLimited) as refused:
        limiter.count("shop", 100)
    assert refused.value.headers()["Retry-After"] == str(round(WINDOW_SECONDS) - 100)
    limiter.count("bar", 100)
    limiter.count("shop", WINDOW_SECONDS)
    with pytest.raises(RateLimited):
        limiter.count("shop", WINDOW_SECONDS)


def test_sessions_are_forgotten_after_the_window() -> None:
    limiter = PairingLimiter()
    for number in range(50):
        limiter.count(f"s{number}", 0)
    limiter.count("shop", WINDOW_SECONDS)
    assert limiter.remembered() == 1
