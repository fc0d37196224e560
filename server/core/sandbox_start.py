"""A front of a sandbox waits for it: both start at the same time."""

from time import monotonic, sleep

from server.core.paths import StateFolder
from server.core.settings.model import Settings

#: Seconds that a front waits for its sandbox, which starts with it and would refuse the first session.
SANDBOX_LISTENS_WITHIN_SECONDS = 5.0

#: Seconds between two looks whether it listens.
LOOK_SECONDS = 0.01


def wait_for_sandbox(settings: Settings) -> None:
    """Returns once the sandbox, if there is one, has said where it listens, or when that takes too long."""
    announced = StateFolder(settings.state).sandbox
    until = monotonic() + SANDBOX_LISTENS_WITHIN_SECONDS
    while settings.sandbox and not announced.exists() and monotonic() < until:
        sleep(LOOK_SECONDS)
