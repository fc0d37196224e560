"""The argument of the commands about one webhook."""

import re
from collections.abc import Callable
from typing import Any, TypeVar

import click

from server.cli.sessions.options import on_a_motte

Command = TypeVar("Command", bound=Callable[..., Any])

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


def _checked(_: click.Context, __: click.Parameter, webhook_id: str) -> str:
    """Validates an id, which becomes part of URLs. Raises click.BadParameter."""
    if _ID.fullmatch(webhook_id) is None:
        raise click.BadParameter("must be the id of a webhook, such as wh_5f0c2b7a9d3e4f61")
    return webhook_id


def on_a_webhook(command: Command) -> Command:
    """Adds the argument WEBHOOK, and the options of all commands that use the API."""
    return click.argument("webhook_id", metavar="WEBHOOK", callback=_checked)(on_a_motte(command))
