"""What a run of tests says, read from a JUnit report of either language."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

#: Characters of a failure's message that are shown.
MESSAGE_LENGTH = 160


class Failure(NamedTuple):
    """One test that does not pass."""

    name: str
    #: The first line of what went wrong.
    message: str


class Results(NamedTuple):
    """One suite."""

    passed: int
    failures: list[Failure]


def read_report(path: Path) -> Results:
    """The results in a JUnit file. A file that cannot be read counts as one failure."""
    try:
        cases = list(ElementTree.parse(path).iter("testcase"))  # noqa: S314 - our own tests wrote it
    except (OSError, ElementTree.ParseError) as error:
        return Results(0, [Failure("the suite", f"left no report: {error}")])
    failures = [failure for case in cases for failure in _failures(case)]
    skipped = sum(case.find("skipped") is not None for case in cases)
    return Results(len(cases) - len(failures) - skipped, failures)


def _failures(case: ElementTree.Element) -> Iterator[Failure]:
    found = next((case.find(kind) for kind in ("failure", "error") if case.find(kind) is not None), None)
    if found is not None:
        message = (found.get("message") or found.text or "").strip()
        first = message.partition("\n")[0][:MESSAGE_LENGTH]
        yield Failure(case.get("name") or "?", first)
