"""Log lines: one event each, `key=value`, to standard error."""

import logging
import sys
import time

FORMAT = "%(asctime)s.%(msecs)03dZ level=%(levelname)s %(message)s"


def configure() -> None:
    """Called once, when the front starts."""
    logging.Formatter.converter = time.gmtime
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format=FORMAT, datefmt="%Y-%m-%dT%H:%M:%S")
