"""The `motte` command. Each of its commands has a folder or a file."""

import click

from server.cli.backup.backup import backup
from server.cli.backup.restore import restore
from server.cli.cleanup.command import cleanup
from server.cli.common.program import Program
from server.cli.doctor.command import doctor
from server.cli.install.command import install_command
from server.cli.keys.command import keys
from server.cli.logs import logs
from server.cli.messages.listing import messages
from server.cli.messages.send import send
from server.cli.sandbox.command import sandbox
from server.cli.sandbox.demo import demo
from server.cli.serve.command import serve
from server.cli.serve.ctl import ctl
from server.cli.serve.front import front
from server.cli.sessions.command import sessions
from server.cli.tail.command import tail
from server.cli.webhooks.command import webhooks


@click.group(cls=Program)
@click.version_option(package_name="motte")
def main() -> None:
    """Motte, a gateway for WhatsApp sessions on this host."""


for command in (
    *(serve, front, ctl, demo, sandbox, sessions, send, messages, tail, webhooks, keys, logs, cleanup),
    *(doctor, install_command, backup, restore),
):
    main.add_command(command)
