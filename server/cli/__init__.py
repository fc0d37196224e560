"""The `motte` command; each of its commands has a file."""

import click

from server.cli.backup import backup
from server.cli.cleanup import cleanup
from server.cli.ctl import ctl
from server.cli.demo import demo
from server.cli.doctor import doctor
from server.cli.front import front
from server.cli.keys import keys
from server.cli.restore import restore
from server.cli.sandbox import sandbox
from server.cli.serve import serve
from server.cli.sessions import sessions


@click.group()
@click.version_option(package_name="motte")
def main() -> None:
    """Motte, a gateway to WhatsApp sessions on this host."""


for command in (serve, front, ctl, demo, sandbox, sessions, keys, cleanup, doctor, backup, restore):
    main.add_command(command)
