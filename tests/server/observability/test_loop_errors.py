"""What asyncio reports of its event loop is logged, and does not fill the log."""

import asyncio
import errno
import logging
import os

import pytest

from server.observability.loop_errors import LINES_PER_MINUTE, log_loop_errors

ERROR = OSError(errno.EMFILE, os.strerror(errno.EMFILE))


@pytest.fixture
async def loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.get_running_loop()
    log_loop_errors(loop)
    return loop


async def test_an_error_leaves_a_line(
    loop: asyncio.AbstractEventLoop, caplog: pytest.LogCaptureFixture
) -> None:
    loop.call_exception_handler({"message": "socket.accept() failed", "exception": ERROR})
    [record] = caplog.records
    assert record.levelno == logging.ERROR
    assert record.getMessage() == (
        "event=loop_error message=socket.accept() failed error=[Errno 24] Too many open files"
    )


async def test_a_bug_leaves_its_traceback(
    loop: asyncio.AbstractEventLoop, caplog: pytest.LogCaptureFixture
) -> None:
    loop.call_exception_handler({"message": "failed", "exception": KeyError("shop")})
    assert "KeyError" in caplog.text


async def test_one_error_after_the_other_leaves_a_number_of_lines(
    loop: asyncio.AbstractEventLoop, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(LINES_PER_MINUTE):
        loop.call_exception_handler({"message": "failed", "exception": ERROR})
    assert len(caplog.records) == LINES_PER_MINUTE
    loop.call_exception_handler({"message": "failed", "exception": ERROR})
    assert len(caplog.records) == LINES_PER_MINUTE
