"""`motte webhooks`: shows webhooks and their deliveries, tests and replays them."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import click

from server.api.schemas.cursors import PAGE_LIMIT
from server.cli.common.client import Refused, Unreachable
from server.cli.common.moments import OVER, left
from server.cli.common.output import note, print_json, say
from server.cli.common.since import checked_since
from server.cli.sessions.api import ask
from server.cli.sessions.options import on_a_motte, target
from server.cli.sessions.target import Target
from server.cli.webhooks.changes import add, delete, rotate, update
from server.cli.webhooks.options import on_a_webhook
from server.cli.webhooks.views import print_deliveries, print_webhook, print_webhooks

#: Exit code of a test that did not arrive.
NOT_DELIVERED_EXIT_CODE = 1

#: States of deliveries, and what is said if none is listed.
NONE_LISTED = {
    None: "the log has no try yet. To make one: motte webhooks test",
    "delivered": "no try has arrived, of the last 200",
    "failed": "no try has failed, of the last 200",
    "waiting": "no event waits for its next try",
    "dead": "no event is dead",
}
STATES = tuple(state for state in NONE_LISTED if state is not None)


@click.group()
def webhooks() -> None:
    """Show, make, test and replay webhooks.

    The commands use the REST API, with the same options as `motte sessions`. As JSON they print the API's
    response.
    """


for command in (add, update, rotate, delete):
    webhooks.add_command(command)


@webhooks.command(name="list")
@on_a_motte
def list_webhooks(*, output: str, **options: str | None) -> None:
    """List every webhook, the oldest first.

    Exit codes: 0 shown, 1 Motte refused, 2 wrong usage, 3 Motte does not run.
    """
    items = _pages(target(options), "/webhooks", "cursor")
    if output == "json":
        print_json({"items": items, "nextCursor": None})
        return
    print_webhooks(items)
    if not items:
        note("There is no webhook yet. To make one: motte webhooks add https://example.com/motte")


@webhooks.command()
@on_a_webhook
def show(*, webhook_id: str, output: str, **options: str | None) -> None:
    """Show the webhook WEBHOOK, without its secret.

    Exit codes: 0 shown, 1 Motte refused, 2 wrong usage, 3 Motte does not run.
    """
    print_webhook(ask(target(options), "GET", f"/webhooks/{webhook_id}"), output)


@webhooks.command()
@click.option(
    "--only",
    type=click.Choice(STATES),
    help="only these; waiting ones are tried again, dead ones were given up",
)
@on_a_webhook
def deliveries(*, webhook_id: str, only: str | None, output: str, **options: str | None) -> None:
    """List the last tries of the webhook WEBHOOK, the newest first; or its events that wait or are dead.

    Exit codes: 0 shown, 1 Motte refused, 2 wrong usage, 3 Motte does not run.
    """
    path = f"/webhooks/{webhook_id}/deliveries"
    items = _pages(target(options), path, "after", **({"state": only} if only else {}))
    if output == "json":
        print_json({"items": items, "nextCursor": None})
        return
    print_deliveries(items)
    if not items:
        note(f"{webhook_id}: {NONE_LISTED[only]}")


@webhooks.command()
@on_a_webhook
def test(*, webhook_id: str, output: str, **options: str | None) -> None:
    """Send the webhook WEBHOOK one event of the type `webhook.test`.

    If it arrives, and events wait after earlier failures, it says so, and how to try them now.

    Exit codes: 0 delivered, 1 not delivered, or Motte refused, 2 wrong usage, 3 Motte does not run.
    """
    motte = target(options)
    result = ask(motte, "POST", f"/webhooks/{webhook_id}/test", meanwhile="Waiting for the answer")
    if output == "json":
        print_json(result)
    elif result["delivered"]:
        say(f"{webhook_id}: delivered, HTTP {result['status']} in {result['durationMs']} ms")
        _note_waiting(motte, webhook_id)
    else:
        note(f"{webhook_id}: not delivered: {result['error']}")
    if not result["delivered"]:
        raise click.exceptions.Exit(NOT_DELIVERED_EXIT_CODE)


@webhooks.command()
@click.option("--dead", is_flag=True, help="try each dead event once more")
@click.option("--after", metavar="CURSOR", help="send all events after this cursor again")
@click.option(
    "--since",
    metavar="SECONDS|MOMENT",
    callback=checked_since,
    help="send all events of the last SECONDS again, or since MOMENT: 2026-05-25T12:00:00Z",
)
@on_a_webhook
def replay(
    *,
    webhook_id: str,
    dead: bool,
    after: str | None,
    since: datetime | None,
    output: str,
    **options: str | None,
) -> None:
    """Send events to the webhook WEBHOOK again, with the same ids and the same bytes.

    Needs one of --dead, --after and --since.

    Exit codes: 0 they follow, 1 Motte refused, 2 wrong usage, 3 Motte does not run.
    """
    given: dict[str, Any] = {"dead": dead or None, "after": after, "since": since and since.isoformat()}
    body = {name: value for name, value in given.items() if value is not None}
    if len(body) != 1:
        raise click.UsageError("give one of --dead, --after and --since")
    result = ask(target(options), "POST", f"/webhooks/{webhook_id}/replay", body)
    if output == "json":
        print_json(result)
    else:
        what = "all events since then" if since else "all events after the cursor"
        if dead:
            what = "1 dead event" if result["dead"] == 1 else f"{result['dead']} dead events"
        say(f"{webhook_id}: {what} {'is' if result['dead'] == 1 else 'are'} sent again")


def _note_waiting(motte: Target, webhook_id: str) -> None:
    """Says how to free what waits after failures: a test that arrives does not free it."""
    try:
        waiting = _pages(motte, f"/webhooks/{webhook_id}/deliveries", "after", state="waiting")
    except (Refused, Unreachable):  # the test has arrived all the same
        return
    if waiting:
        whose = "a session wait" if len(waiting) == 1 else f"{len(waiting)} sessions wait"
        next_try = left(waiting[0]["at"])
        when = "" if next_try == OVER else f"; the next try: {next_try}"  # a disabled webhook has none
        note(f"Events of {whose} after failures{when}.")
        note(f"To try all of them now: motte webhooks update {webhook_id} --enable")


def _pages(motte: Target, path: str, cursor: str, **query: str) -> list[Any]:
    """Returns the items of all pages. cursor: the parameter that takes `nextCursor`."""
    wanted = {"limit": str(PAGE_LIMIT), **query}
    items: list[Any] = []
    while True:
        page = ask(motte, "GET", f"{path}?{urlencode(wanted)}")
        items += page["items"]
        if page["nextCursor"] is None:
            return items
        wanted[cursor] = page["nextCursor"]
