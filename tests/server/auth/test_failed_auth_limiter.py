"""How often somebody may come with a wrong key."""

import logging

import pytest

from server.auth.failed_auth_limiter import (
    MAX_ADDRESSES,
    MAX_IN_TOTAL,
    MAX_KNOWN,
    MAX_PER_ADDRESS,
    WINDOW_SECONDS,
    FailedAuthLimiter,
)
from server.core.errors import RateLimited


def _bring(failed_auth: FailedAuthLimiter, address: str, number: int, now: float = 0.0) -> int:
    """How many of them were refused."""
    refused = 0
    for _ in range(number):
        try:
            failed_auth.count(address, "wrong", now)
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
        failed_auth.count("192.0.2.1", "wrong", 117.5)
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
    assert failed_auth.remembered() == (MAX_ADDRESSES, 0)


def test_the_log_says_once_a_minute_who_it_is(caplog: pytest.LogCaptureFixture) -> None:
    failed_auth = FailedAuthLimiter()
    with caplog.at_level(logging.WARNING):
        _bring(failed_auth, "192.0.2.1", 1000)
        _bring(failed_auth, "192.0.2.1", 1000, now=60.0)
    assert caplog.messages == ["event=wrong_keys address=192.0.2.1 count=10"] * 2


class Guesser:
    """One who sends keys that are all wrong, at once if it may."""

    def __init__(self, failed_auth: FailedAuthLimiter, address: str = "192.0.2.1") -> None:
        self._failed_auth = failed_auth
        self._address = address
        self._sent = 0

    def looked_up(self, number: int, now: float = 0.0) -> int:
        """How many of its guesses are looked up."""
        return sum(self.is_looked_up(f"guess {self._next()}", now) for _ in range(number))

    def is_looked_up(self, key: str, now: float = 0.0) -> bool:
        try:
            self._failed_auth.check(self._address, key, now)
        except RateLimited:
            return False
        return True

    def _next(self) -> int:
        self._sent += 1
        return self._sent


def test_ten_guesses_of_an_address_are_looked_up_in_a_minute_and_no_other_one() -> None:
    guesser = Guesser(FailedAuthLimiter())
    assert guesser.looked_up(MAX_PER_ADDRESS) == MAX_PER_ADDRESS
    assert guesser.looked_up(1) == 0
    assert guesser.looked_up(1000, now=WINDOW_SECONDS - 0.1) == 0
    assert guesser.looked_up(1000, now=WINDOW_SECONDS) == MAX_PER_ADDRESS


def test_guesses_that_are_sent_together_are_counted_before_any_is_looked_up() -> None:
    failed_auth = FailedAuthLimiter()
    guesser = Guesser(failed_auth)
    assert guesser.looked_up(1000) == MAX_PER_ADDRESS  # none of them is known to be wrong yet


def test_a_client_with_an_old_key_makes_one_guess_however_often_it_comes() -> None:
    failed_auth = FailedAuthLimiter()
    client = Guesser(failed_auth)
    for _ in range(100):
        assert client.is_looked_up("old")
        _bring(failed_auth, "192.0.2.1", 1)
    assert client.is_looked_up("new")


def test_a_key_that_was_right_at_an_address_is_looked_up_among_any_number_of_guesses() -> None:
    failed_auth = FailedAuthLimiter()
    guesser = Guesser(failed_auth)
    assert guesser.is_looked_up("right")
    failed_auth.admit("192.0.2.1", "right")
    assert guesser.looked_up(1000) == MAX_PER_ADDRESS
    assert guesser.is_looked_up("right")
    assert guesser.is_looked_up("right", now=WINDOW_SECONDS)


def test_a_key_that_was_right_elsewhere_is_a_guess_here() -> None:
    failed_auth = FailedAuthLimiter()
    failed_auth.admit("192.0.2.2", "right")
    guesser = Guesser(failed_auth)
    guesser.looked_up(MAX_PER_ADDRESS)
    assert not guesser.is_looked_up("right")


def test_a_key_that_was_revoked_is_a_guess_again() -> None:
    failed_auth = FailedAuthLimiter()
    failed_auth.admit("192.0.2.1", "right")
    failed_auth.count("192.0.2.1", "right", 0.0)
    guesser = Guesser(failed_auth)
    guesser.looked_up(MAX_PER_ADDRESS)
    assert not guesser.is_looked_up("right")


def test_after_a_hundred_wrong_keys_of_all_addresses_each_address_has_one_guess() -> None:
    failed_auth = FailedAuthLimiter()
    for number in range(MAX_IN_TOTAL):
        _bring(failed_auth, f"192.0.2.{number}", 1)
    assert Guesser(failed_auth, "198.51.100.1").looked_up(1000) == 1


def test_addresses_that_are_not_remembered_have_no_guess() -> None:
    failed_auth = FailedAuthLimiter()
    for number in range(MAX_ADDRESSES):
        assert Guesser(failed_auth, f"address {number}").is_looked_up("guess")
    assert not Guesser(failed_auth, "192.0.2.1").is_looked_up("guess")
    assert failed_auth.remembered() == (MAX_ADDRESSES, 0)


def test_of_many_right_keys_those_that_were_used_last_are_known() -> None:
    failed_auth = FailedAuthLimiter()
    for number in range(MAX_KNOWN + 1):
        failed_auth.admit("192.0.2.1", f"right {number}")
    assert failed_auth.remembered()[1] == MAX_KNOWN
    guesser = Guesser(failed_auth)
    guesser.looked_up(MAX_PER_ADDRESS)
    assert not guesser.is_looked_up("right 0")
    assert guesser.is_looked_up(f"right {MAX_KNOWN}")
