"""Numbers and moments in options."""

from datetime import UTC, datetime, timedelta

import click
import pytest

from server.cli.common.numbers import WholeNumber
from server.cli.common.since import MAX_SECONDS, moment
from tests.cli.conftest import Run
from tests.cli.test_commands import COMMANDS

NOW = datetime(2026, 5, 25, 12, tzinfo=UTC)


def test_bounds_count_and_the_error_names_them() -> None:
    number = WholeNumber(0, 60, of="seconds")
    assert [number.convert(text, None, None) for text in ("0", "60")] == [0, 60]
    for text in ("-1", "61", "abc", "1.5", ""):
        with pytest.raises(click.BadParameter, match=r"^must be a whole number of seconds, 0 to 60$"):
            number.convert(text, None, None)
    with pytest.raises(click.BadParameter, match=r"^must be a whole number, 1 or more$"):
        WholeNumber(1).convert("0", None, None)


def test_every_number_of_a_command_has_such_an_error() -> None:
    """click's own says `is not a valid integer range`."""
    kinds = {type(param.type) for command in COMMANDS.values() for param in command.params}
    assert WholeNumber in kinds
    assert not kinds & {click.IntRange, click.FloatRange, type(click.INT), type(click.FLOAT)}


def test_since_takes_seconds_and_moments() -> None:
    assert moment("1", NOW) == NOW - timedelta(seconds=1)
    assert moment(str(MAX_SECONDS), NOW) == NOW - timedelta(seconds=MAX_SECONDS)
    assert moment("2026-05-25T10:00:00+02:00", NOW) == NOW - timedelta(hours=4)
    assert moment("2026-05-25 10:00", NOW) == datetime(2026, 5, 25, 10).astimezone()


@pytest.mark.parametrize(
    "text",
    ["", "yesterday", "0", "-1", "1.5", "٣", str(MAX_SECONDS + 1), "9" * 5000, "0001-01-01T00:00+23:59"],
)
@pytest.mark.parametrize("command", [("tail",), ("webhooks", "replay", "wh_1")])
def test_any_other_since_is_refused_with_the_rule(run: Run, command: tuple[str, ...], text: str) -> None:
    result = run(*command, f"--since={text}")
    assert result.exit_code == 2
    assert "'--since': must be a whole number of seconds, 1 to 172800, such as 3600, or a" in result.stderr


def test_the_error_of_a_command_has_the_option_and_the_rule(run: Run) -> None:
    result = run("messages", "shop", "--limit", "abc")
    assert result.exit_code == 2
    assert "'--limit': must be a whole number, 1 or more" in result.stderr
