"""`motte front`: runs one process of the REST API."""

import gc
import os
from pathlib import Path
from time import monotonic, sleep

import click

from server.cli.common.options import read_settings, setting_options
from server.cli.serve.early_front import wait_for_supervisord
from server.core.garbage import no_collection
from server.core.paths import StateFolder
from server.core.settings.definitions import SETTINGS

#: Seconds that a front waits for its sandbox, which starts with it and would refuse the first session.
SANDBOX_LISTENS_WITHIN_SECONDS = 5.0

#: Seconds between two looks whether it listens.
LOOK_SECONDS = 0.01


@click.command()
@setting_options(setting for setting in SETTINGS if not setting.secret)
def front(**options: str | None) -> None:
    """Run one process of the REST API.

    `motte serve` starts one. Run this command for a second one on the same state folder, as in a rolling
    restart: `motte front --listen 127.0.0.1:8092`.

    Exit codes: 0 stopped by a signal, 1 it cannot start, 2 a setting is wrong.
    """
    os.umask(0o077)
    with no_collection():
        from server.app import serve  # imported here: the other commands do not need aiohttp's server

    wait_for_supervisord()
    gc.freeze()  # a process that lives for months need not look at its modules again
    settings = read_settings(options)
    if settings.sandbox:
        _wait_for(StateFolder(settings.state).sandbox)
    serve(settings)


def _wait_for(announced: Path) -> None:
    """Returns once the sandbox has written where it listens, or when that takes too long."""
    until = monotonic() + SANDBOX_LISTENS_WITHIN_SECONDS
    while not announced.exists() and monotonic() < until:
        sleep(LOOK_SECONDS)
