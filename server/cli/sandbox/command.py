"""`motte sandbox`: what the simulated phones do."""

import asyncio
from typing import Any

import click

from server.cli.common.client import Client, Refused
from server.cli.common.options import STATE, read_state, setting_options
from server.cli.common.output import output_option, say_json
from server.cli.common.progress import waiting
from server.cli.serve.running import api_key, control_url, front_url
from server.core.paths import StateFolder


class NothingToScan(click.ClickException):
    """The session shows no code."""

    exit_code = 4


def no_code(session: Any) -> NothingToScan:
    """That the session shows no code, with its status and the reason for that."""
    reason = session["statusReason"]
    why = f" ({reason['code']}: {reason['detail']})" if reason else ""
    return NothingToScan(f"{session['id']} shows no code: it is {session['status']}{why}")


class CodeDied(click.ClickException):
    """The code ran out before the phone had scanned it."""

    exit_code = 5


#: Refusals of a scan that another scan mends.
CODE_DIED = {
    "code-dead": "the code died before it was scanned",
    "secret-retired": "WhatsApp retired the secret in the code during the scan",
}


@click.group()
def sandbox() -> None:
    """Play the phones of `motte serve --sandbox`."""


@sandbox.command()
@click.argument("session_id", metavar="SESSION_ID")
@click.option(
    "--phone", metavar="NUMBER", help="digits of the phone that scans; without it, the sandbox has one"
)
@output_option
@setting_options([STATE])
def scan(*, session_id: str, phone: str | None, output: str, **options: str | None) -> None:
    """Let a phone scan the code of the session SESSION_ID.

    The API key is the one in MOTTE_API_KEY, or the first one of this host.

    Exit codes: 0 scanned, 1 Motte or the sandbox refused, 2 wrong usage, 3 Motte or its sandbox does not run,
    4 the session shows no code, 5 the code died before it was scanned.
    """
    with waiting("Scanning"):
        folder = read_state(options[STATE.name], sandbox=True)
        linked = asyncio.run(_scan(folder, session_id, phone))
    if output == "json":
        say_json({"id": session_id, **linked})
    else:
        click.echo(f"{session_id}: scanned by {linked['phoneNumber']}, as its device {linked['device']}")


async def _scan(folder: StateFolder, session_id: str, phone: str | None) -> dict[str, str]:
    control = control_url(folder)
    async with Client(front_url(folder), key=api_key(folder)) as motte, Client(control) as phones:
        session = await motte.ask("GET", f"/sessions/{session_id}")
        if session["qrCode"] is None:
            raise no_code(session)
        return await scan_code(phones, session["qrCode"], phone=phone)


async def scan_code(phones: Client, qr_code: str, *, phone: str | None = None) -> dict[str, str]:
    """Which phone has scanned it, and as which device. Raises CodeDied, Refused, Unreachable."""
    wanted = {"qrCode": qr_code} | ({"phoneNumber": phone} if phone else {})
    try:
        scanned: dict[str, str] = await phones.ask("POST", "/scan", wanted)
    except Refused as refusal:
        if refusal.code in CODE_DIED:
            raise CodeDied(f"{CODE_DIED[refusal.code]}: try again") from None
        raise
    return scanned
