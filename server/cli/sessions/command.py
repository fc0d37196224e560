"""`motte sessions`: shows and changes sessions through the API."""

import asyncio
from typing import Any

import click

from server.cli.common.options import STATE, setting_options
from server.cli.common.output import confirm, note, output_option, print_json
from server.cli.serve.run_state import front_runs
from server.cli.serve.server_identity import note_sandbox
from server.cli.sessions.api import all_pages, ask, check_runs, process_of, processes
from server.cli.sessions.codes import create, qr
from server.cli.sessions.offline import delete_stored, stored_session, stored_sessions
from server.cli.sessions.options import on_a_session, state_folder
from server.cli.sessions.start import restart, start
from server.cli.sessions.update import update
from server.cli.sessions.views import print_session, print_sessions
from store.records import Status

FROM_DATABASE = "Motte does not run: this is from its database."
IN_DATABASE = "Motte does not run: this changes its database and its state folder."
STILL_LISTED = "The account lists this device until you remove it on the phone."

yes_option = click.option("--yes", is_flag=True, help="do not ask first")


@click.group()
def sessions() -> None:
    """Show sessions and change them.

    The commands use the REST API of the Motte that runs on the state folder, with the API key in
    MOTTE_API_KEY or the first key of this host. As JSON they print the API's response. If Motte does not run,
    list, show and delete work on its database; the others need a Motte that runs.
    """


sessions.add_command(create)
sessions.add_command(qr)
sessions.add_command(start)
sessions.add_command(restart)
sessions.add_command(update)


@sessions.command(name="list")
@click.option(
    "--status", type=click.Choice([status.value for status in Status]), help="only sessions with this status"
)
@output_option
@setting_options([STATE])
def list_sessions(*, status: str | None, output: str, **options: str | None) -> None:
    """List every session, the oldest first.

    If Motte does not run, this reads its database.

    Exit codes: 0 shown, 1 Motte refused, or the state folder has no Motte, 2 wrong usage, 3 Motte runs
    but cannot be reached.
    """
    folder = state_folder(options)
    note_sandbox(folder)
    runs = front_runs(folder)
    if runs:
        page = asyncio.run(all_pages(folder, status))
    else:
        page = asyncio.run(stored_sessions(folder, status))
        note(FROM_DATABASE)
    if output == "json":
        print_json(page)
    else:
        print_sessions(page["items"], processes(folder) if runs else None)
        if not page["items"]:
            note(_nothing_listed(status))


@sessions.command()
@on_a_session
def show(*, session_id: str, output: str, **options: str | None) -> None:
    """Show the session ID. This never waits for a code.

    If Motte does not run, this reads its database.

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
        session = asyncio.run(stored_session(folder, session_id))
        note(FROM_DATABASE)
    print_session(session, output, process)


@sessions.command()
@on_a_session
def stop(*, session_id: str, output: str, **options: str | None) -> None:
    """Stop the session ID until it is started again. It stays paired.

    Exit codes: 0 done, 1 Motte refused, 2 wrong usage, 3 Motte does not run.
    """
    print_session(_post(options, session_id, "stop", "Stopping"), output)


@sessions.command()
@yes_option
@on_a_session
def logout(*, session_id: str, yes: bool, output: str, **options: str | None) -> None:
    """Unlink the session ID from its account.

    Its credentials are deleted. The session is kept, and a restart begins a new pairing.

    Exit codes: 0 done, 1 Motte refused, or the answer was no, 2 wrong usage, 3 Motte does not run.
    """
    check_runs(state_folder(options))
    _confirm(f"Log {session_id} out? A phone has to scan a code again after that.", yes=yes)
    print_session(_post(options, session_id, "logout", "Logging out"), output)


@sessions.command()
@yes_option
@on_a_session
def delete(*, session_id: str, yes: bool, output: str, **options: str | None) -> None:
    """Log the session ID out if it is paired, and delete it.

    If Motte does not run, this deletes it in the database and the state folder; the account lists the device
    until you remove it on the phone. As JSON this prints nothing, like the API.

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
            note(IN_DATABASE)
            if is_linked:
                note(STILL_LISTED)
            _confirm(question, yes=yes)

        asyncio.run(delete_stored(folder, session_id, confirm=confirm))
    if output == "table":
        click.echo(f"{session_id}: deleted")


def _nothing_listed(status: str | None) -> str:
    if status is not None:
        return f"No session is {status}. To see all: motte sessions list"
    return "There is no session yet. To create one and draw its code: motte sessions create shop --qr"


def _post(options: dict[str, str | None], session_id: str, verb: str, doing: str) -> Any:
    path = f"/sessions/{session_id}/{verb}"
    return ask(state_folder(options), "POST", path, meanwhile=f"{doing} {session_id}")


def _confirm(question: str, *, yes: bool) -> None:
    if not yes:
        confirm(question)
