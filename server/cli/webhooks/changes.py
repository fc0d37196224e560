"""`motte webhooks add`, `update`, `rotate` and `delete`."""

import sys
from collections.abc import Callable
from typing import Any, TypeVar

import click

from server.cli.common.absent import note_absent
from server.cli.common.numbers import WholeNumber
from server.cli.common.output import confirm, note, print_json, say
from server.cli.sessions.api import absent_sessions, ask
from server.cli.sessions.options import STANDARD_INPUT, on_a_motte, target
from server.cli.webhooks.options import on_a_webhook
from server.cli.webhooks.views import print_webhook
from server.webhooks.schedule import MAX_GIVE_UP_AFTER_SECONDS
from server.webhooks.types import WebhookType

Command = TypeVar("Command", bound=Callable[..., Any])


def webhook_fields(command: Command) -> Command:
    """Adds the options of what a caller sets on a webhook."""
    for option in (
        click.option(
            "--give-up-after",
            metavar="SECONDS",
            type=WholeNumber(0, MAX_GIVE_UP_AFTER_SECONDS, of="seconds"),
            help="seconds after which an event is dead, 0 to 86400",
        ),
        click.option(
            "--header",
            "headers",
            metavar="TEXT",
            multiple=True,
            help="header of each delivery, such as 'X-Key: abc'; - reads them from standard input",
        ),
        click.option(
            "--session",
            "sessions",
            metavar="ID",
            multiple=True,
            help="only events of this session; may be given more than once",
        ),
        click.option(
            "--type",
            "types",
            type=click.Choice([kind.value for kind in WebhookType]),
            multiple=True,
            help="only events of this type; may be given more than once",
        ),
    ):
        command = option(command)
    return command


@click.command()
@click.argument("url", metavar="URL")
@webhook_fields
@on_a_motte
def add(
    *,
    url: str,
    types: tuple[str, ...],
    sessions: tuple[str, ...],
    headers: tuple[str, ...],
    give_up_after: int | None,
    output: str,
    **options: str | None,
) -> None:
    """Make a webhook: events are pushed to URL.

    Prints the secret that verifies the signatures, only once. Other users of this host can see the headers of
    the command line: give secrets on standard input.

    Exit codes: 0 made, 1 Motte refused, 2 wrong usage, 3 Motte does not run.
    """
    motte = target(options)
    body = {"url": url} | _given(types, sessions, headers, give_up_after)
    made = ask(motte, "POST", "/webhooks", body, meanwhile="Looking the address up")
    _print_secret(made, output)
    note_absent(absent_sessions(motte, sessions))


@click.command()
@click.option("--address", "new_url", metavar="URL", help="another URL")
@click.option("--enable", is_flag=True, help="deliver again, after an answer 410 or --disable")
@click.option("--disable", is_flag=True, help="deliver nothing until --enable")
@webhook_fields
@on_a_webhook
def update(
    *,
    webhook_id: str,
    new_url: str | None,
    enable: bool,
    disable: bool,
    types: tuple[str, ...],
    sessions: tuple[str, ...],
    headers: tuple[str, ...],
    give_up_after: int | None,
    output: str,
    **options: str | None,
) -> None:
    """Change the webhook WEBHOOK. What waits after failures is tried again at once.

    The types, sessions and headers that are given take the place of all earlier ones.

    Exit codes: 0 changed, 1 Motte refused, 2 wrong usage, 3 Motte does not run.
    """
    if enable and disable:
        raise click.UsageError("--enable and --disable cannot both be given")
    patch = _given(types, sessions, headers, give_up_after)
    if new_url is not None:
        patch["url"] = new_url
    if enable or disable:
        patch["enabled"] = enable
    if not patch:
        raise click.UsageError("nothing to change: give at least one option")
    motte = target(options)
    print_webhook(ask(motte, "PATCH", f"/webhooks/{webhook_id}", patch), output)
    note_absent(absent_sessions(motte, sessions))


@click.command()
@on_a_webhook
def rotate(*, webhook_id: str, output: str, **options: str | None) -> None:
    """Give the webhook WEBHOOK another secret, and print it, only once.

    The old secret signs too, for 24 hours.

    Exit codes: 0 made, 1 Motte refused, 2 wrong usage, 3 Motte does not run.
    """
    _print_secret(ask(target(options), "POST", f"/webhooks/{webhook_id}/rotate-secret"), output)


@click.command()
@click.option("--yes", is_flag=True, help="do not ask first")
@on_a_webhook
def delete(*, webhook_id: str, yes: bool, output: str, **options: str | None) -> None:
    """Delete the webhook WEBHOOK with its secret and its dead events.

    Asks first. As JSON this prints nothing, like the API.

    Exit codes: 0 deleted, 1 Motte refused, or the answer was no, 2 wrong usage, 3 Motte does not run.
    """
    motte = target(options)
    motte.check_runs()
    if not yes:
        confirm(f"Delete the webhook {webhook_id}{motte.place}? What waits is not delivered any more.")
    ask(motte, "DELETE", f"/webhooks/{webhook_id}")
    if output == "table":
        say(f"{webhook_id}: deleted")


def _given(
    types: tuple[str, ...], sessions: tuple[str, ...], headers: tuple[str, ...], give_up_after: int | None
) -> dict[str, Any]:
    """Returns the members of the body that the options set. Raises click.UsageError."""
    body: dict[str, Any] = {}
    if types:
        body["types"] = list(types)
    if sessions:
        body["sessions"] = list(sessions)
    if headers:
        body["headers"] = _headers(headers)
    if give_up_after is not None:
        body["giveUpAfter"] = give_up_after
    return body


def _headers(given: tuple[str, ...]) -> dict[str, str]:
    lines = [line for text in given for line in (sys.stdin if text == STANDARD_INPUT else [text])]
    found = {}
    for line in filter(str.strip, lines):
        name, colon, value = line.partition(":")
        if not colon:
            raise click.UsageError("--header must be a name, a colon and a value")
        found[name.strip()] = value.strip()
    return found


def _print_secret(webhook: Any, output: str) -> None:
    if output == "json":
        print_json(webhook)
        return
    say(webhook["secret"])
    note(f"This is the secret of {webhook['id']}. It is shown only once: store it now.")
