"""What the end of a connector's process means for its session. Pure."""

from datetime import UTC, datetime

from server.domain.states import Happening
from server.protocol import reasons
from server.protocol.events.process import Ended
from server.protocol.exit_codes import NO_ROOM
from server.protocol.exit_reasons import EXIT_REASONS, STORAGE_UNAVAILABLE
from store.records.reason import Reason

#: Reason of a session whose process did not answer and was killed.
DEAF = "connector-deaf"
#: Reason of a session whose process crashed and is started again.
CRASHED = "connector-crashed"


def outcome(event: Ended, *, now_ms: int) -> tuple[Happening, Reason | None]:
    """Returns what happened, and why; no reason if the session keeps its own. now_ms: wall time."""
    if event.state == "FATAL":
        detail = f"the connector crashed {event.tries} times in a row"
        crashed = reasons.reason("connector-unavailable", detail)
        return Happening.GIVEN_UP, EXIT_REASONS.get(event.exit or 0, crashed)
    happening = Happening.STOP_ASKED if event.by_hand else Happening.LINK_LOST
    return happening, _reason_of_restart(event, now_ms)


def _reason_of_restart(event: Ended, now_ms: int) -> Reason | None:
    """Returns why the connector ended; None if it did not crash."""
    if event.exit == NO_ROOM:
        return STORAGE_UNAVAILABLE
    if event.state != "BACKOFF":
        return None
    code = DEAF if event.deaf else CRASHED
    restart_at = datetime.fromtimestamp(now_ms // 1000 + (event.retry_in or 0), UTC)
    times = "" if event.tries <= 1 else f" {event.tries} times in a row"
    detail = f"{reasons.TABLE[code].detail}{times}; the next try is at {restart_at:%Y-%m-%dT%H:%M:%SZ}"
    return reasons.reason(code, detail)
