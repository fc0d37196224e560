"""What a check found."""

from enum import StrEnum
from typing import NamedTuple


class Verdict(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARNING = "warning"  # Motte runs, and somebody should look
    WRONG = "wrong"  # Motte does not work, or not safely


class Finding(NamedTuple):
    """One line of the report."""

    #: What was looked at: `node`, `disk`.
    check: str
    verdict: Verdict
    detail: str
    #: What to do about it; None: nothing.
    advice: str | None = None


def ok(check: str, detail: str) -> Finding:
    return Finding(check, Verdict.OK, detail)


def warning(check: str, detail: str, advice: str) -> Finding:
    return Finding(check, Verdict.WARNING, detail, advice)


def wrong(check: str, detail: str, advice: str) -> Finding:
    return Finding(check, Verdict.WRONG, detail, advice)
