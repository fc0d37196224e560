"""The `motte` command; each of its commands has a file."""

import click

from server.cli.ctl import ctl
from server.cli.demo import demo
from server.cli.front import front
from server.cli.sandbox import sandbox
from server.cli.serve import serve


@click.group()
@click.version_option(package_name="motte")
def main() -> None:
    """Motte, a gateway to WhatsApp sessions on this host."""


for command in (serve, front, ctl, demo, sandbox):
    main.add_command(command)
