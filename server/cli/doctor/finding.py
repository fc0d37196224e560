"""Result of a check."""

from enum import StrEnum
from typing import NamedTuple


class Verdict(StrEnum):
    """Severity of a finding."""

    OK = "ok"
    WARNING = "warning"  # Motte works, but somebody should look
    WRONG = "wrong"  # Motte does not work, or not safely


class Finding(NamedTuple):
    """One line of the report."""

    #: Name of the check: `node`, `disk`.
    check: str
    verdict: Verdict
    detail: str
    #: What to do; None if nothing.
    advice: str | None = None


def ok(check: str, detail: str) -> Finding:
    return Finding(check, Verdict.OK, detail)


def warning(check: str, detail: str, advice: str) -> Finding:
    return Finding(check, Verdict.WARNING, detail, advice)


def wrong(check: str, detail: str, advice: str) -> Finding:
    return Finding(check, Verdict.WRONG, detail, advice)
