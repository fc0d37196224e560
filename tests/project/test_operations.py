"""The numbers of docs/how-to/operations.md are those of supervisord.conf."""

import re
from configparser import RawConfigParser
from pathlib import Path

import pytest

from server.supervisor_plugin.front import HEALTHY_AFTER_SECONDS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "how-to" / "operations.md").read_text()

SPELLED = {4: "four", 5: "five", 10: "ten", 11: "eleven"}


@pytest.fixture
def configuration() -> RawConfigParser:
    found = RawConfigParser()
    found.read(ROOT / "supervisord.conf")
    return found


def row(beginning: str) -> str:
    """The row of a table that begins with this."""
    [line] = [line for line in PAGE.splitlines() if line.startswith(f"| {beginning} |")]
    return line


def test_logs_are_rotated_as_the_page_says(configuration: RawConfigParser) -> None:
    kept = {
        "`front.log`": configuration["program:front"],
        "`sandbox.log`": configuration["program:sandbox"],
    }
    for name, section in kept.items():
        size, older = section["stdout_logfile_maxbytes"], section["stdout_logfile_backups"]
        assert row(name).endswith(f"| {_shown(size)} | {older} |")
    own = configuration["supervisord"]
    assert row("`supervisord.log`").endswith(
        f"| {_shown(own['logfile_maxbytes'])} | {own['logfile_backups']} |"
    )
    size = configuration["rpcinterface:motte"]["log_maxbytes"]
    assert row("`connector-<id>.log`").endswith(f"| {_shown(size)} | 1 |")


def test_a_front_and_a_connector_are_given_up_as_the_page_says(configuration: RawConfigParser) -> None:
    ends = SPELLED[int(configuration["program:front"]["startretries"]) + 1]
    within = SPELLED[int(HEALTHY_AFTER_SECONDS)]
    assert f"the front ended by itself {ends} times in a row within {within} seconds of its start" in row("1")
    connector = configuration["rpcinterface:motte"]
    assert f"crashed {SPELLED[int(connector['tries'])]} times in a row" in row("`FATAL`")
    assert f"{int(connector['longest_delay']) // 60} minutes at most" in row("`BACKOFF`")


def test_a_stop_takes_as_long_as_the_page_says(configuration: RawConfigParser) -> None:
    parts = ("program:front", "rpcinterface:motte", "program:sandbox")
    longest = sum(int(configuration[part]["stopwaitsecs"]) for part in parts)
    most = re.search(r"so a stop takes less than (\w+) seconds", PAGE)
    assert most is not None
    assert SPELLED[10] == most[1]
    assert longest < 10


def _shown(size: str) -> str:
    """`5MB` as the page writes it: `5 MB`."""
    return re.sub(r"(?<=\d)(?=[KM]B)", " ", size)
