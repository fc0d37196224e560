"""Says which of the sessions that somebody named do not exist: a name may be misspelt."""

from collections.abc import Sequence

from server.cli.common.output import first_few, note


def note_absent(session_ids: Sequence[str]) -> None:
    """Prints a sentence on standard error. session_ids: those that do not exist; none: nothing is said."""
    if session_ids:
        words = "There is no session" if len(session_ids) == 1 else "There are no sessions"
        note(f"{words} {first_few(session_ids)} yet.")
