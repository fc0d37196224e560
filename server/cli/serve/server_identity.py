"""Which server the sessions of a state folder are linked with: WhatsApp or the sandbox."""

from collections import defaultdict
from collections.abc import Collection

from server.cli.common.options import BadSettings, read_state
from server.cli.common.output import first_few, note, say
from server.cli.serve.launch import SANDBOX_ROOT_KEY
from server.cli.serve.preflight import CannotServe
from server.cli.serve.run_state import NotAccessible, front_runs
from server.connectors.credentials import WHATSAPP, linked_folders, linked_server
from server.core.paths import StateFolder
from server.core.settings.environment import sandbox_state
from server.core.settings.model import Settings

#: The root key of WhatsApp itself. Settings may name it, too.
WHATSAPP_ROOT_KEY = "142375574d0a587166aae71ebe516437c4a28b73e3695c6ce1f7f9545da8ee6b"

#: Names for people. Other servers have no name.
NAMES = {WHATSAPP: "WhatsApp itself", SANDBOX_ROOT_KEY: "the sandbox"}

SANDBOX_NOTE = "Sandbox: these sessions are linked with a simulated WhatsApp."


def current_server(settings: Settings) -> str:
    """Returns the identity of the server in the settings, as in connector/session/server_identity.js."""
    key = (settings.whatsapp_root_key or WHATSAPP_ROOT_KEY).lower()
    return WHATSAPP if key == WHATSAPP_ROOT_KEY else key


def linked_by_server(folder: StateFolder) -> dict[str, list[str]]:
    """Returns the ids of the linked sessions by the server that each is linked with."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for session_id in linked_folders(folder):
        found[linked_server(folder.session(session_id).path)].append(session_id)
    return dict(found)


def check_servers(folder: StateFolder, settings: Settings) -> None:
    """Checks that no session connects to a server that does not know it. Raises CannotServe.

    If some sessions are linked with WhatsApp, those of a test server are only reported: they stay `failed`.
    """
    current = current_server(settings)
    linked = linked_by_server(folder)
    strangers = {server: ids for server, ids in linked.items() if server != current}
    if not strangers:
        return
    finding = f"{folder.path} has sessions that are linked with {in_words(strangers)}"
    if current == WHATSAPP and current in linked:
        say(f"Warning: {finding}. They do not connect here.", err=True)
        return
    if settings.sandbox:
        own = sandbox_state(folder.path)
        advice = f"give the sandbox a folder of its own, such as --state {own}"
    else:
        advice = f"choose another folder with --state or MOTTE_STATE, or {_way_to_serve(linked, folder)}"
    raise CannotServe(f"{finding}; this would run them with {_name(current)}: {advice}")


def in_words(linked: dict[str, list[str]]) -> str:
    """Returns a text such as `the sandbox (shop, cafe and 3 more)`."""
    return " and ".join(f"{_name(server)} ({first_few(ids)})" for server, ids in sorted(linked.items()))


def is_sandbox(folder: StateFolder) -> bool:
    """Whether the sessions of a state folder are known to be the sandbox's."""
    if front_runs(folder):
        return folder.sandbox.is_file()
    linked = set(linked_by_server(folder))
    # Its addresses stay in the folder until another start.
    return linked == {SANDBOX_ROOT_KEY} or (not linked and folder.sandbox.is_file())


def note_sandbox(folder: StateFolder) -> None:
    """Prints on standard error if the sessions are the sandbox's."""
    if is_sandbox(folder):
        note(SANDBOX_NOTE)


def start_command(folder: StateFolder, *, sandbox: bool) -> str:
    """Returns the command that starts Motte on a folder, from the environment of this process."""
    command = "motte serve --sandbox" if sandbox else "motte serve"
    try:
        is_default = read_state(None, sandbox=sandbox) == folder
    except BadSettings:
        is_default = False
    return command if is_default else f"{command} --state {folder.path}"


def not_running(folder: StateFolder) -> str:
    """Returns a sentence that nothing runs on a folder, and what to do. Raises NotAccessible."""
    own = start_command(folder, sandbox=is_sandbox(folder))
    hint = sandbox_hint(folder) or f". To start it: {own}. If it uses another folder, name that with --state"
    return f"Motte does not run on the state folder {folder.path}{hint}"


def sandbox_hint(folder: StateFolder) -> str:
    """Returns a hint that follows "nothing runs here", if a sandbox runs on the folder next to this one."""
    own = StateFolder(sandbox_state(folder.path))
    try:
        return f"; a sandbox runs on {own.path}: add --state {own.path}" if front_runs(own) else ""
    except NotAccessible:  # another user's
        return ""


def _way_to_serve(linked: Collection[str], folder: StateFolder) -> str:
    """Returns what makes Motte run on a folder whose sessions are linked with these servers."""
    if set(linked) == {SANDBOX_ROOT_KEY}:
        return f"start the sandbox on this one: {start_command(folder, sandbox=True)}"
    if set(linked) == {WHATSAPP}:
        return "unset MOTTE_WHATSAPP_URL and MOTTE_WHATSAPP_ROOT_KEY"
    return "name the server of these sessions with MOTTE_WHATSAPP_URL and MOTTE_WHATSAPP_ROOT_KEY"


def _name(server: str) -> str:
    return NAMES.get(server, f"the server with the root key {server[:8]}…")
