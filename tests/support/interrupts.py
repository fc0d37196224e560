"""SIGINT for programs that tests start."""

import signal


def heed_interrupts() -> None:
    """Called in a child before exec: SIGINT ends it, even if the process that runs the tests ignores SIGINT.

    A shell that runs the tests in its background has them ignore it, and their children with them.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)
