"""`motte sessions`: shows and changes sessions through the API."""

import asyncio
from typing import Any

import click

from server.cli.common.output import confirm, note, print_json, say
from server.cli.sessions.api import all_pages, ask, process_of, processes
from server.cli.sessions.codes import create, qr
from server.cli.sessions.events import events
from server.cli.sessions.linking import pairing_code, scan_link
from server.cli.sessions.offline import delete_stored, stored_session, stored_sessions
from server.cli.sessions.options import on_a_motte, on_a_session, target
from server.cli.sessions.start import restart, start
from server.cli.sessions.target import stopped_folder
from server.cli.sessions.update import rename, update
from server.cli.sessions.views import print_session, print_sessions
from store.records.sessions import Status

FROM_DATABASE = "Motte does not run: this is from its database."
IN_DATABASE = "Motte does not run: this changes its database and its state folder."
STILL_LISTED = "The account lists this device until you remove it on the phone."

yes_option = click.option("--yes", is_flag=True, help="do not ask first")


@click.group()
def sessions() -> None:
    """Show sessions and change them.

    The commands use the REST API of the Motte that runs on the state folder, with the API key in --key-file,
    in MOTTE_API_KEY, or the first key of this host. With --url or MOTTE_URL they use a Motte elsewhere. As
    JSON they print the API's response. If Motte does not run, list, show and delete work on its database; the
    others need a Motte that runs.
    """


for command in (create, qr, scan_link, pairing_code, events, start, restart, update, rename):
    sessions.add_command(command)


@sessions.command(name="list")
@click.option(
    "--status", type=click.Choice([status.value for status in Status]), help="only sessions with this status"
)
@on_a_motte
def list_sessions(*, status: str | None, output: str, **options: str | None) -> None:
    """List every session, the oldest first.

    If Motte does not run, this reads its database.

    Exit codes: 0 shown, 1 Motte refused, or the state folder has no Motte, 2 wrong usage, 3 Motte runs
    but cannot be reached.
    """
    motte = target(options)
    motte.note_sandbox()
    if stopped := stopped_folder(motte):
        page = asyncio.run(stored_sessions(stopped, status))
        note(FROM_DATABASE)
    else:
        page = asyncio.run(all_pages(motte, status))
    if output == "json":
        print_json(page)
    else:
        print_sessions(page["items"], None if stopped else processes(motte))
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
    motte = target(options)
    motte.note_sandbox()
    process = None
    if stopped := stopped_folder(motte):
        session = asyncio.run(stored_session(stopped, session_id))
        note(FROM_DATABASE)
    else:
        session = ask(motte, "GET", f"/sessions/{session_id}?refresh=false")
        process = process_of(motte, session_id) if output == "table" else None
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
    motte = target(options)
    motte.check_runs()
    _confirm(f"Log {session_id}{motte.place} out? A phone has to scan a code again after that.", yes=yes)
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
    motte = target(options)
    question = f"Delete {session_id}{motte.place}, with its credentials and messages?"
    stopped = stopped_folder(motte)
    if stopped is None:
        _confirm(question, yes=yes)
        ask(motte, "DELETE", f"/sessions/{session_id}", meanwhile=f"Deleting {session_id}")
    else:

        def ask_first(is_linked: bool) -> None:
            note(IN_DATABASE)
            if is_linked:
                note(STILL_LISTED)
            _confirm(question, yes=yes)

        asyncio.run(delete_stored(stopped, session_id, confirm=ask_first))
    if output == "table":
        say(f"{session_id}: deleted")


def _nothing_listed(status: str | None) -> str:
    if status is not None:
        return f"No session is {status}. To see all: motte sessions list"
    return "There is no session yet. To create one and draw its code: motte sessions create shop --qr"


def _post(options: dict[str, str | None], session_id: str, verb: str, doing: str) -> Any:
    path = f"/sessions/{session_id}/{verb}"
    return ask(target(options), "POST", path, meanwhile=f"{doing} {session_id}")


def _confirm(question: str, *, yes: bool) -> None:
    if not yes:
        confirm(question)
