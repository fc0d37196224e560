"""`motte serve`: the command, its options, and what begins before everything else."""

import os

import click

from server.cli.common.options import read_settings, setting_options
from server.cli.serve.launch import keep_stop_signals
from server.cli.serve.node_start import NodeStart
from server.core.garbage import no_collection
from server.core.settings.definitions import SANDBOX_SETTINGS, SETTINGS
from server.supervisor_plugin.early_front import EarlyFront

SANDBOX_LISTEN = next(setting for setting in SANDBOX_SETTINGS if setting.field == "sandbox_listen")


@click.command()
@click.option(
    "--sandbox", is_flag=True, help="talk to a simulated WhatsApp on this host, with phones that scan"
)
@setting_options([*SETTINGS, SANDBOX_LISTEN])
@click.pass_obj
def serve(front: EarlyFront | None, /, *, sandbox: bool, **options: str | None) -> None:
    """Run the gateway in the foreground.

    That is supervisord, the REST API and a process for each session that is awake, until Ctrl-C.

    Except for --sandbox, every option is also an environment variable, whose name stands in brackets. Set an
    API key as a variable: other users of this host can read a command line.

    Exit codes: 0 stopped by a signal, 1 it cannot start, or the front cannot be kept running, 2 a setting is
    wrong.
    """
    keep_stop_signals()
    os.umask(0o077)
    settings = read_settings({**options, "MOTTE_SANDBOX": "1" if sandbox else None})
    with NodeStart.begun(settings) as node:
        with no_collection():
            from server.cli.serve.start import start  # imported here: Node starts meanwhile
        start(settings, front, node)
