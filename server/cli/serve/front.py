"""`motte front`: runs one process of the REST API."""

import os

import click

from server.cli.common.options import read_settings, setting_options
from server.core.certificates import left_unread
from server.core.garbage import no_collection
from server.core.sandbox_start import wait_for_sandbox
from server.core.settings.definitions import SETTINGS


@click.command()
@setting_options(setting for setting in SETTINGS if not setting.secret)
def front(**options: str | None) -> None:
    """Run one process of the REST API.

    `motte serve` starts one. Run this command for a second one on the same state folder, as in a rolling
    restart: `motte front --listen 127.0.0.1:8092`.

    Exit codes: 0 stopped by a signal, 1 it cannot start, 2 a setting is wrong.
    """
    os.umask(0o077)
    settings = read_settings(options)
    with no_collection(), left_unread():
        from server.app import serve  # imported here: the other commands do not need aiohttp's server

    wait_for_sandbox(settings)
    serve(settings)
