"""`motte sessions update`: changes the fields that clients set."""

import click

from server.cli.sessions.api import ask
from server.cli.sessions.options import on_a_session, proxy_option, proxy_text, target
from server.cli.sessions.views import print_session


@click.command()
@click.option("--name", metavar="TEXT", help="a label of your choice")
@click.option("--no-name", is_flag=True, help="remove the label")
@click.option("--device-name", metavar="TEXT", help="name that the phone shows under Linked devices")
@click.option("--no-device-name", is_flag=True, help="use the default again")
@proxy_option
@click.option("--no-proxy", is_flag=True, help="remove the proxy")
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
    """Change the fields of the session ID.

    A new device name takes effect with the next link: a paired account lists the old name until it is linked
    again, and a code that is shown now is replaced. A new proxy reopens the link at once. Give a proxy with a
    password on standard input, which other users of this host cannot see.

    Exit codes: 0 changed, 1 Motte refused, 2 wrong usage, 3 Motte does not run.
    """
    patch = (
        _changes("name", "--name", name, reset=no_name)
        | _changes("deviceName", "--device-name", device_name, reset=no_device_name)
        | _changes("proxy", "--proxy", proxy_text(proxy), reset=no_proxy)
    )
    if not patch:
        raise click.UsageError("nothing to change: give at least one option")
    print_session(ask(target(options), "PATCH", f"/sessions/{session_id}", patch), output)


@click.command()
@on_a_session
@click.argument("name", metavar="NAME")
def rename(*, session_id: str, name: str, output: str, **options: str | None) -> None:
    """Change the label of the session ID to NAME.

    `motte sessions update ID --no-name` removes the label.

    Exit codes: 0 changed, 1 Motte refused, 2 wrong usage, 3 Motte does not run.
    """
    print_session(ask(target(options), "PATCH", f"/sessions/{session_id}", {"name": name}), output)


def _changes(key: str, option: str, text: str | None, *, reset: bool) -> dict[str, str | None]:
    """Returns the member of the patch. Raises click.UsageError."""
    if text is not None and reset:
        raise click.UsageError(f"{option} and --no-{option[2:]} cannot both be given")
    return {key: text} if text is not None or reset else {}
