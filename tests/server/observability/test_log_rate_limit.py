"""Lines that strangers may leave in the log."""

import pytest

from server.observability.log_rate_limit import WINDOW_SECONDS, LogRateLimit


def test_no_more_lines_than_allowed_are_written_in_a_minute() -> None:
    ration = LogRateLimit("request", 3)
    assert [ration.take(now) for now in (0.0, 1.0, 2.0, 3.0, WINDOW_SECONDS - 0.1)] == [
        True,
        True,
        True,
        False,
        False,
    ]
    assert ration.take(WINDOW_SECONDS)


def test_what_was_omitted_is_told_once_and_counted(caplog: pytest.LogCaptureFixture) -> None:
    ration = LogRateLimit("request", 2)
    for now in [*range(10), WINDOW_SECONDS, 2 * WINDOW_SECONDS]:
        ration.take(now)
    assert caplog.messages == ["event=lines_omitted of=request count=8"]
