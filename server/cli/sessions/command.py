"""`motte sessions`: what the API does with sessions, from the command line."""

import asyncio
from typing import Any

import click

from server.cli.common.options import STATE, setting_options
from server.cli.common.output import note, output_option, say_json
from server.cli.serve.presence import front_runs
from server.cli.serve.server_identity import note_sandbox
from server.cli.sessions.api import all_pages, ask, check_runs, process_of, processes
from server.cli.sessions.codes import create, qr
from server.cli.sessions.offline import delete_recorded, recorded_session, recorded_sessions
from server.cli.sessions.options import on_a_session, state_folder
from server.cli.sessions.start import restart, start
from server.cli.sessions.update import update
from server.cli.sessions.views import say_session, say_sessions
from store.records import Status

FROM_RECORD = "Motte does not run: this is what its database says."
IN_RECORD = "Motte does not run: this changes its database and its state folder."
STILL_LISTED = "Its account lists this device until somebody removes it there, on the phone."

yes_option = click.option("--yes", is_flag=True, help="do not ask first")


@click.group()
def sessions() -> None:
    """Look at sessions and change them.

    The commands ask the REST API of the Motte that runs on the state folder. The API key is the one in
    MOTTE_API_KEY, or the first one of this host. As JSON they print what the API answers. Where Motte does
    not run, list, show and delete work on its database; the others need WhatsApp, and so a Motte that runs.
    """


sessions.add_command(create)
sessions.add_command(qr)
sessions.add_command(start)
sessions.add_command(restart)
sessions.add_command(update)


@sessions.command(name="list")
@click.option("--status", type=click.Choice([status.value for status in Status]), help="only those")
@output_option
@setting_options([STATE])
def list_sessions(*, status: str | None, output: str, **options: str | None) -> None:
    """Show every session, the oldest first.

    Where Motte does not run, this reads its database.

    Exit codes: 0 shown, 1 Motte refused, or the state folder has no Motte, 2 wrong usage, 3 Motte runs
    but cannot be reached.
    """
    folder = state_folder(options)
    note_sandbox(folder)
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
@on_a_session
def show(*, session_id: str, output: str, **options: str | None) -> None:
    """Show the session ID as it stands; never waits for a code.

    Where Motte does not run, this reads its database.

    Exit codes: 0 shown, 1 there is no such session, or Motte refused, 2 wrong usage, 3 Motte runs but cannot
    be reached.
    """
    folder = state_folder(options)
    note_sandbox(folder)
    process = None
    if front_runs(folder):
        session = ask(folder, "GET", f"/sessions/{session_id}?refresh=false")
        process = process_of(folder, session_id) if output == "table" else None
    else:
        session = asyncio.run(recorded_session(folder, session_id))
        note(FROM_RECORD)
    say_session(session, output, process)


@sessions.command()
@on_a_session
def stop(*, session_id: str, output: str, **options: str | None) -> None:
    """Let the session ID rest until it is started; it stays paired.

    Exit codes: 0 done, 1 Motte refused, 2 wrong usage, 3 Motte does not run.
    """
    say_session(_tell(options, session_id, "stop", "Stopping"), output)


@sessions.command()
@yes_option
@on_a_session
def logout(*, session_id: str, yes: bool, output: str, **options: str | None) -> None:
    """Make the account of the session ID forget this device.

    Its credentials are wiped. The session stays, and a restart begins a new pairing.

    Exit codes: 0 done, 1 Motte refused, or the answer was no, 2 wrong usage, 3 Motte does not run.
    """
    check_runs(state_folder(options))
    _confirm(f"Log {session_id} out? It has to be scanned again after that.", yes=yes)
    say_session(_tell(options, session_id, "logout", "Logging out"), output)


@sessions.command()
@yes_option
@on_a_session
def delete(*, session_id: str, yes: bool, output: str, **options: str | None) -> None:
    """Log the session ID out where it is paired, and delete it.

    Where Motte does not run, it is deleted in the database and the state folder; its account lists the device
    until somebody removes it on the phone. As JSON this prints nothing, as the API does.

    Exit codes: 0 deleted, 1 there is no such session, Motte refused, or the answer was no, 2 wrong usage,
    3 Motte runs but cannot be reached.
    """
    folder = state_folder(options)
    question = f"Delete {session_id}, with its credentials and messages?"
    if front_runs(folder):
        _confirm(question, yes=yes)
        ask(folder, "DELETE", f"/sessions/{session_id}", meanwhile=f"Deleting {session_id}")
    else:

        def confirm(is_linked: bool) -> None:
            note(IN_RECORD)
            if is_linked:
                note(STILL_LISTED)
            _confirm(question, yes=yes)

        asyncio.run(delete_recorded(folder, session_id, confirm=confirm))
    if output == "table":
        click.echo(f"{session_id}: deleted")


def _tell(options: dict[str, str | None], session_id: str, verb: str, doing: str) -> Any:
    path = f"/sessions/{session_id}/{verb}"
    return ask(state_folder(options), "POST", path, meanwhile=f"{doing} {session_id}")


def _confirm(question: str, *, yes: bool) -> None:
    if not yes:
        click.confirm(question, abort=True, err=True)
