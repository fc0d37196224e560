"""The `motte` command. Each of its commands has a folder or a file."""

import click

from server.cli.common.lazy_commands import LazyCommands
from server.cli.common.program import Program
from server.core.version import VERSION

COMMANDS = LazyCommands(
    {
        "serve": "server.cli.serve.command:serve",
        "front": "server.cli.serve.front:front",
        "ctl": "server.cli.serve.ctl:ctl",
        "demo": "server.cli.sandbox.demo:demo",
        "sandbox": "server.cli.sandbox.command:sandbox",
        "sessions": "server.cli.sessions.command:sessions",
        "send": "server.cli.messages.send:send",
        "messages": "server.cli.messages.listing:messages",
        "tail": "server.cli.tail.command:tail",
        "webhooks": "server.cli.webhooks.command:webhooks",
        "keys": "server.cli.keys.command:keys",
        "logs": "server.cli.logs:logs",
        "cleanup": "server.cli.cleanup.command:cleanup",
        "doctor": "server.cli.doctor.command:doctor",
        "install": "server.cli.install.command:install_command",
        "backup": "server.cli.backup.backup:backup",
        "restore": "server.cli.backup.restore:restore",
    }
)


@click.group(cls=Program, commands=COMMANDS)
@click.version_option(VERSION)
def main() -> None:
    """Motte, a gateway for WhatsApp sessions on this host."""
