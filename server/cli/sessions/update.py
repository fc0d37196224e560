"""`motte sessions update`: what a person sets on a session."""

import click

from server.cli.sessions.api import ask
from server.cli.sessions.options import on_a_session, proxy_option, proxy_text, state_folder
from server.cli.sessions.views import say_session


@click.command()
@click.option("--name", metavar="TEXT", help="a label of yours")
@click.option("--no-name", is_flag=True, help="remove the label")
@click.option("--device-name", metavar="TEXT", help="what the phone lists under Linked devices")
@click.option("--no-device-name", is_flag=True, help="the default again")
@proxy_option
@click.option("--no-proxy", is_flag=True, help="remove it")
@on_a_session
def update(
    *,
    session_id: str,
    name: str | None,
    no_name: bool,
    device_name: str | None,
    no_device_name: bool,
    proxy: str | None,
    no_proxy: bool,
    output: str,
    **options: str | None,
) -> None:
    """Change what you set on the session ID.

    A new device name counts from the next linking on: a paired account is listed under the old one until it
    is linked again, and a code that is shown now is replaced. A new proxy opens the link again at once; give
    one with a password on standard input, where no other user of this host sees it.

    Exit codes: 0 changed, 1 Motte refused, 2 wrong usage, 3 Motte does not run.
    """
    patch = (
        _changes("name", "--name", name, reset=no_name)
        | _changes("deviceName", "--device-name", device_name, reset=no_device_name)
        | _changes("proxy", "--proxy", proxy_text(proxy), reset=no_proxy)
    )
    if not patch:
        raise click.UsageError("nothing to change: give at least one option")
    say_session(ask(state_folder(options), "PATCH", f"/sessions/{session_id}", patch), output)


def _changes(key: str, option: str, text: str | None, *, reset: bool) -> dict[str, str | None]:
    """The member of the patch. Raises click.UsageError."""
    if text is not None and reset:
        raise click.UsageError(f"{option} and --no-{option[2:]} cannot both be given")
    return {key: text} if text is not None or reset else {}
