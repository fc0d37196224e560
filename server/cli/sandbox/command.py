"""`motte sandbox`: controls the simulated phones."""

import asyncio
from typing import Any

import click

from server.cli.common.client import Client, Refused
from server.cli.common.options import STATE, read_state, setting_options
from server.cli.common.output import output_option, print_json, say
from server.cli.common.progress import waiting
from server.cli.serve.endpoints import api_key, control_url, front_url
from server.cli.sessions.completion import sandbox_session_ids
from server.cli.sessions.target import LocalMotte
from server.core.paths import StateFolder
from server.domain.phone_numbers import digits_of


class NothingToScan(click.ClickException):
    """The session shows no code."""

    exit_code = 4


def no_code(session: Any) -> NothingToScan:
    """Returns the error of a session without a code, with its status and reason."""
    reason = session["statusReason"]
    why = f" ({reason['code']}: {reason['detail']})" if reason else ""
    return NothingToScan(f"{session['id']} shows no code: it is {session['status']}{why}")


class CodeExpired(click.ClickException):
    """The code expired before the phone scanned it."""

    exit_code = 5


#: Errors after which a scan of the next code may succeed.
EXPIRED_CODE_ERRORS = {
    "code-dead": "the code expired before it was scanned",
    "secret-retired": "WhatsApp retired the secret in the code during the scan",
}


def _checked_number(_: click.Context, __: click.Parameter, number: str | None) -> str | None:
    """Returns the digits of the number. Raises click.BadParameter."""
    try:
        return number and digits_of(number)
    except ValueError as rule:
        raise click.BadParameter(str(rule)) from None


@click.group()
def sandbox() -> None:
    """Control the simulated phones of `motte serve --sandbox`."""


@sandbox.command()
@click.argument("session_id", metavar="SESSION_ID", shell_complete=sandbox_session_ids)
@click.option(
    "--phone",
    metavar="NUMBER",
    callback=_checked_number,
    help="number of the phone that scans; by default the sandbox chooses one",
)
@output_option
@setting_options([STATE])
def scan(*, session_id: str, phone: str | None, output: str, **options: str | None) -> None:
    """Let a phone scan the code of the session SESSION_ID.

    Uses the API key in MOTTE_API_KEY, or the first key of this host.

    Exit codes: 0 scanned, 1 Motte or the sandbox refused, 2 wrong usage, 3 Motte or its sandbox does not run,
    4 the session shows no code, 5 the code expired before it was scanned.
    """
    with waiting("Scanning"):
        folder = read_state(options[STATE.name], sandbox=True)
        linked = asyncio.run(_scan(folder, session_id, phone))
    if output == "json":
        print_json({"id": session_id, **linked})
    else:
        say(f"{session_id}: scanned by {linked['phoneNumber']}, as its device {linked['device']}")


async def _scan(folder: StateFolder, session_id: str, phone: str | None) -> dict[str, str]:
    control = control_url(folder)
    # The addresses outlive a stop, and the key must not go to another program.
    LocalMotte(folder).check_runs()
    async with Client(front_url(folder), key=api_key(folder)) as motte, Client(control) as phones:
        session = await motte.ask("GET", f"/sessions/{session_id}")
        if session["qrCode"] is None:
            raise no_code(session)
        return await scan_code(phones, session["qrCode"], phone=phone)


async def scan_code(phones: Client, qr_code: str, *, phone: str | None = None) -> dict[str, str]:
    """Lets a phone scan; returns the phone and its device. Raises CodeExpired, Refused, Unreachable."""
    wanted = {"qrCode": qr_code} | ({"phoneNumber": phone} if phone else {})
    try:
        scanned: dict[str, str] = await phones.ask("POST", "/scan", wanted)
    except Refused as refusal:
        if refusal.code in EXPIRED_CODE_ERRORS:
            raise CodeExpired(f"{EXPIRED_CODE_ERRORS[refusal.code]}: try again") from None
        raise
    return scanned
