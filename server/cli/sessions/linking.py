"""`motte sessions scan-link` and `motte sessions pairing-code`: let somebody else link an account."""

from datetime import datetime

import click

from server.api.resources.scan_links import ScanLinkRequest
from server.cli.common.moments import left
from server.cli.common.numbers import WholeNumber
from server.cli.common.output import note, print_json, say
from server.cli.sessions.api import ask
from server.cli.sessions.options import on_a_session, target

#: Seconds that a link may be valid, as the API has it.
LINK_SECONDS = WholeNumber(30, 86_400, of="seconds")


@click.command(name="scan-link")
@click.option(
    "--expires-in",
    metavar="SECONDS",
    type=LINK_SECONDS,
    default=int(ScanLinkRequest().expires_in),
    show_default=True,
    help="how long the link is valid, 30 to 86400",
)
@on_a_session
def scan_link(*, session_id: str, expires_in: int, output: str, **options: str | None) -> None:
    """Make a link to a page that shows the code of the session ID.

    Standard output contains only the link. Send it to the person who holds the phone: anyone who has it can
    link their account to this session. It is invalid once the session has connected.

    Exit codes: 0 made, 1 Motte refused, 2 wrong usage, 3 Motte does not run.
    """
    link = ask(target(options), "POST", f"/sessions/{session_id}/scan-link", {"expiresIn": expires_in})
    if output == "json":
        print_json(link)
    else:
        say(link["url"])
        note(f"It expires {left(link['expiresAt'])}.")


@click.command(name="pairing-code")
@on_a_session
@click.argument("number", metavar="NUMBER")
def pairing_code(*, session_id: str, number: str, output: str, **options: str | None) -> None:
    """Get a code that links the session ID without a scan.

    The code is for the phone with the number NUMBER, with its country code. A person types the code there,
    under Linked devices, Link with phone number instead. Standard output contains only the code.

    Exit codes: 0 shown, 1 Motte refused, or no code came, 2 wrong usage, 3 Motte does not run.
    """
    path = f"/sessions/{session_id}/pairing-code"
    meanwhile = "Waiting for a pairing code"
    code = ask(target(options), "POST", path, {"phoneNumber": number}, meanwhile=meanwhile)
    if output == "json":
        print_json(code)
        return
    say(code["code"])
    until = datetime.fromisoformat(code["expiresAt"]).astimezone()
    note(
        f"Type it on the phone +{code['phoneNumber']} until {until:%H:%M:%S}: "
        "Linked devices, Link a device, Link with phone number instead."
    )
