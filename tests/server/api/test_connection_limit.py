"""How many connections there may be, and which one goes when there is one more."""

import os
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from server.api.connection_limit import (
    COUNT_SECONDS,
    LINES_PER_MINUTE,
    MAX_RESERVED_FILES,
    MIN_CONNECTIONS,
    ConnectionLimit,
    count_open_files,
)
from server.observability.http_metrics import HttpMetrics

#: Descriptors of the process, and what of them is left to connections if nothing else is open.
FILES = 1024
MAX_CONNECTIONS = 896


class Connection:
    """One that is idle until the test says otherwise."""

    def __init__(self, *, is_busy: bool = False) -> None:
        self.is_busy = is_busy
        self.is_closed = False

    def is_idle(self) -> bool:
        return not self.is_busy

    def force_close(self) -> None:
        self.is_closed = True


class Process:
    """Its time, and the descriptors that it has open besides connections."""

    def __init__(self, files: int = FILES) -> None:
        self.now = 0.0
        self.others = 0
        self.registry = CollectorRegistry()
        self.connections: list[Connection] = []
        self.limit = ConnectionLimit(
            files, HttpMetrics(self.registry), lambda: self.now, lambda: self.others + self.open()
        )

    def open(self) -> int:
        return sum(not connection.is_closed for connection in self.connections)

    def connect(self, number: int = 1, *, is_busy: bool = False) -> list[Connection]:
        made = [Connection(is_busy=is_busy) for _ in range(number)]
        for connection in made:
            if self.limit.admit(connection):
                self.connections.append(connection)
            else:
                connection.is_closed = True
        return made

    def dropped(self, which: str) -> float | None:
        return self.registry.get_sample_value("motte_http_connections_dropped_total", {"which": which})


@pytest.fixture
def process() -> Process:
    return Process()


def test_as_many_connections_as_the_limit_allows_stay_open(process: Process) -> None:
    assert not any(connection.is_closed for connection in process.connect(MAX_CONNECTIONS))
    assert process.dropped("idle") == 0


def test_one_more_closes_the_one_that_is_idle_for_longest(process: Process) -> None:
    first, second, *_ = process.connect(MAX_CONNECTIONS)
    process.limit.use(first)  # it sent a request meanwhile
    [newest] = process.connect()
    assert (first.is_closed, second.is_closed, newest.is_closed) == (False, True, False)
    assert (process.open(), process.dropped("idle")) == (MAX_CONNECTIONS, 1)


def test_a_connection_with_a_request_in_progress_is_not_closed(process: Process) -> None:
    busy = process.connect(MAX_CONNECTIONS - 1, is_busy=True)
    [idle] = process.connect()
    [newest] = process.connect()
    assert idle.is_closed
    assert not newest.is_closed
    assert not any(connection.is_closed for connection in busy)


def test_a_new_connection_is_refused_if_none_is_idle(process: Process) -> None:
    process.connect(MAX_CONNECTIONS, is_busy=True)
    [newest] = process.connect()
    assert newest.is_closed
    assert process.dropped("refused") == 1


def test_a_closed_connection_makes_room_for_another(process: Process) -> None:
    first, *_ = process.connect(MAX_CONNECTIONS, is_busy=True)
    process.limit.remove(first)
    [newest] = process.connect()
    assert not newest.is_closed


def test_pipes_of_sessions_leave_less_to_connections(process: Process) -> None:
    process.others = 300
    assert not any(
        connection.is_closed for connection in process.connect(MAX_CONNECTIONS - 300, is_busy=True)
    )
    [newest] = process.connect()
    assert newest.is_closed
    process.others = 299
    process.now += COUNT_SECONDS
    [newest] = process.connect()
    assert not newest.is_closed


def test_pipes_that_take_the_place_of_many_connections_close_so_many(process: Process) -> None:
    first = process.connect(MAX_CONNECTIONS)
    process.others = 100
    process.now += COUNT_SECONDS
    process.connect()
    assert sum(connection.is_closed for connection in first) == 101
    assert process.open() == MAX_CONNECTIONS - 100


def test_some_connections_are_served_however_many_sessions_there_are(process: Process) -> None:
    process.others = FILES
    served = process.connect(MIN_CONNECTIONS, is_busy=True)
    assert not any(connection.is_closed for connection in served)
    [newest] = process.connect()
    assert newest.is_closed


@pytest.mark.parametrize(
    ("files", "reserved"),
    [
        (1_000, 128),
        (1_280, 128),
        (1_290, 129),
        (10_240, 1_024),
        (10_250, 1_024),
        (65_536, MAX_RESERVED_FILES),
    ],
)
def test_a_tenth_of_the_descriptors_stays_free_but_no_more_than_a_thousand(files: int, reserved: int) -> None:
    assert Process(files).limit.most == files - reserved


def test_refused_connections_leave_six_lines_a_minute(
    process: Process, caplog: pytest.LogCaptureFixture
) -> None:
    process.connect(MAX_CONNECTIONS, is_busy=True)
    process.connect(LINES_PER_MINUTE)
    assert len(caplog.records) == LINES_PER_MINUTE
    process.connect()
    assert len(caplog.records) == LINES_PER_MINUTE


def test_the_open_descriptors_of_this_process_are_counted() -> None:
    before = count_open_files()
    null = Path(os.devnull)
    with null.open(), null.open():
        assert count_open_files() == before + 2
