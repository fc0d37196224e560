"""`motte sessions`: what the API does with sessions, from the command line."""

import asyncio
import os
from collections.abc import Callable
from typing import Any, TypeVar

import click

from server.cli.options import STATE, read_state, setting_options
from server.cli.output import note, output_option, say_json
from server.cli.presence import front_runs
from server.cli.session_api import all_pages, ask, check_runs, process_of, processes
from server.cli.session_qr import drawing, expiry, terminal
from server.cli.session_record import recorded_session, recorded_sessions
from server.cli.session_views import say_session, say_sessions
from server.folders import StateFolder
from server.payloads import ID_RULE, is_session_id
from store.records import Status

Command = TypeVar("Command", bound=Callable[..., Any])

FROM_RECORD = "Motte does not run: this is what its database says."


def _checked(_: click.Context, __: click.Parameter, session_id: str | None) -> str | None:
    if session_id is not None and not is_session_id(session_id):
        raise click.BadParameter(ID_RULE)
    return session_id


def _on_a_session(command: Command) -> Command:
    """Its id, and the options that every command has."""
    argument = click.argument("session_id", metavar="ID", callback=_checked)
    return argument(output_option(setting_options([STATE])(command)))


yes_option = click.option("--yes", is_flag=True, help="do not ask first")


@click.group()
def sessions() -> None:
    """Look at sessions and change them.

    The commands ask the REST API of the Motte that runs on the state folder. The API key is the one in
    MOTTE_API_KEY, or the first one of this host. As JSON they print what the API answers.
    """


@sessions.command(name="list")
@click.option("--status", type=click.Choice([status.value for status in Status]), help="only those")
@output_option
@setting_options([STATE])
def list_sessions(*, status: str | None, output: str, **options: str | None) -> None:
    """Show every session, the oldest first.

    Where Motte does not run, this reads its database.

    Exit codes: 0 shown, 1 Motte refused, or there is none in the state folder, 2 wrong usage, 3 Motte runs
    but cannot be reached.
    """
    folder = _folder(options)
    runs = front_runs(folder)
    if runs:
        page = asyncio.run(all_pages(folder, status))
    else:
        page = asyncio.run(recorded_sessions(folder, status))
        note(FROM_RECORD)
    if output == "json":
        say_json(page)
    else:
        say_sessions(page["items"], processes(folder) if runs else None)


@sessions.command()
@_on_a_session
def show(*, session_id: str, output: str, **options: str | None) -> None:
    """Show the session ID as it stands; never waits for a code.

    Where Motte does not run, this reads its database.

    Exit codes: 0 shown, 1 there is no such session, or Motte refused, 2 wrong usage, 3 Motte runs but cannot
    be reached.
    """
    folder = _folder(options)
    process = None
    if front_runs(folder):
        session = ask(folder, "GET", f"/sessions/{session_id}?refresh=false")
        process = process_of(folder, session_id) if output == "table" else None
    else:
        session = asyncio.run(recorded_session(folder, session_id))
        note(FROM_RECORD)
    say_session(session, output, process)


@sessions.command()
@click.argument("session_id", metavar="[ID]", required=False, callback=_checked)
@click.option("--name", metavar="TEXT", help="a label of yours")
@output_option
@setting_options([STATE])
def create(*, session_id: str | None, name: str | None, output: str, **options: str | None) -> None:
    """Make a session and wait for its first code.

    Without an ID, Motte makes one. Where no code comes, the session stays: `motte sessions qr ID` asks again.

    Exit codes: 0 made, 1 Motte refused, or no code came, 2 wrong usage, 3 Motte does not run.
    """
    wanted = {key: text for key, text in (("id", session_id), ("name", name)) if text is not None}
    session = ask(_folder(options), "POST", "/sessions", wanted)
    say_session(session, output)
    if output == "table":
        note(f"Its code: motte sessions qr {session['id']}")


@sessions.command()
@_on_a_session
def qr(*, session_id: str, output: str, **options: str | None) -> None:
    """Draw the code of the session ID, for a phone to scan.

    Waits for a fresh one where the last one has expired.

    Exit codes: 0 drawn, 1 Motte refused, or no code came, 2 wrong usage, 3 Motte does not run, 4 the session
    shows no code, 6 the terminal is too small for it.
    """
    session = ask(_folder(options), "GET", f"/sessions/{session_id}")
    drawn = drawing(session, terminal() if output == "table" else None)
    if output == "json":
        say_json(session)
    else:
        click.echo(drawn, nl=False)
        click.echo(expiry(session))


@sessions.command()
@_on_a_session
def start(*, session_id: str, output: str, **options: str | None) -> None:
    """Wake the session ID, which was stopped.

    A paired one reconnects without a scan, another waits for a code.

    Exit codes: 0 done, 1 Motte refused, or no code came, 2 wrong usage, 3 Motte does not run.
    """
    say_session(_tell(options, session_id, "start"), output)


@sessions.command()
@_on_a_session
def stop(*, session_id: str, output: str, **options: str | None) -> None:
    """Let the session ID rest until it is started; it stays paired.

    Exit codes: 0 done, 1 Motte refused, 2 wrong usage, 3 Motte does not run.
    """
    say_session(_tell(options, session_id, "stop"), output)


@sessions.command()
@_on_a_session
def restart(*, session_id: str, output: str, **options: str | None) -> None:
    """End the process of the session ID and start it.

    A paired one stays paired. One that is logged_out or failed begins a new pairing.

    Exit codes: 0 done, 1 Motte refused, or no code came, 2 wrong usage, 3 Motte does not run.
    """
    say_session(_tell(options, session_id, "restart"), output)


@sessions.command()
@yes_option
@_on_a_session
def logout(*, session_id: str, yes: bool, output: str, **options: str | None) -> None:
    """Make the account of the session ID forget this device.

    Its credentials are wiped. The session stays, and a restart begins a new pairing.

    Exit codes: 0 done, 1 Motte refused, or the answer was no, 2 wrong usage, 3 Motte does not run.
    """
    _confirm(options, f"Log {session_id} out? It has to be scanned again after that.", yes=yes)
    say_session(_tell(options, session_id, "logout"), output)


@sessions.command()
@yes_option
@_on_a_session
def delete(*, session_id: str, yes: bool, output: str, **options: str | None) -> None:
    """Log the session ID out where it is paired, and delete it.

    As JSON it prints nothing, as the API does.

    Exit codes: 0 deleted, 1 Motte refused, or the answer was no, 2 wrong usage, 3 Motte does not run.
    """
    _confirm(options, f"Delete {session_id}, with its credentials?", yes=yes)
    ask(_folder(options), "DELETE", f"/sessions/{session_id}")
    if output == "table":
        click.echo(f"{session_id}: deleted")


def _folder(options: dict[str, str | None]) -> StateFolder:
    os.umask(0o077)
    return read_state(options[STATE.name])


def _tell(options: dict[str, str | None], session_id: str, verb: str) -> Any:
    return ask(_folder(options), "POST", f"/sessions/{session_id}/{verb}")


def _confirm(options: dict[str, str | None], question: str, *, yes: bool) -> None:
    """That Motte does not run is told before anything is asked."""
    check_runs(_folder(options))
    if not yes:
        click.confirm(question, abort=True, err=True)
