"""The start of the whole gateway, from its settings to supervisord."""

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from typing import NoReturn

from server.cli.backup.restore_stages import check_restored
from server.cli.common.options import BadSettings
from server.cli.common.output import say
from server.cli.serve.compile_cache import fill_compile_cache
from server.cli.serve.host import check_host
from server.cli.serve.known_key import finds_key
from server.cli.serve.launch import (
    BUNDLE_ADVICE,
    ROOT,
    become_supervisord,
    with_sandbox,
)
from server.cli.serve.node_start import NodeStart
from server.cli.serve.preflight import (
    CannotServe,
    check_alone,
    check_database,
    check_free,
    check_installation,
    check_node,
    make_private,
)
from server.cli.serve.server_identity import check_servers
from server.cli.serve.traces import no_traces
from server.core import bundle
from server.core.addresses import Address, Listen, SocketPath
from server.core.installation import FILES, IS_WHEEL
from server.core.listeners import bind, close_all
from server.core.paths import StateFolder
from server.core.settings.environment import quoted
from server.core.settings.model import Settings
from server.core.version import VERSION
from server.supervisor_plugin.early_front import EarlyFront
from store.errors import SchemaTooOld, StoreError


def start(settings: Settings, front: EarlyFront | None, node: NodeStart) -> NoReturn:
    """Checks what must hold, and becomes supervisord.

    front, node: begun. Raises ClickException.
    """
    _warn_of_quotes()
    folder = StateFolder(settings.state)
    if IS_WHEEL:
        _ensure_installed()
    check_installation()
    check_node(settings)
    with ThreadPoolExecutor(max_workers=1) as aside:
        bundled = aside.submit(bundle.program, ROOT / "connector", FILES / "connector")
        check_host()
        with no_traces(folder):
            settings = _with_state_folder(folder, settings)
            is_prepared = finds_key(folder, given=settings.api_key)
            reserved = node.reserved_bytes()  # waits for Node
        made = None if is_prepared else _prepare_database(folder, settings)
    program = _connector_program(*bundled.result())
    fill_compile_cache(folder, settings, program=program)
    check_alone(folder)  # another one may have started meanwhile, and announced its address
    for address in (folder.front, folder.sandbox):
        address.unlink(missing_ok=True)  # a command that waits for the new ones must not read earlier ones
    with suppress(OSError):  # nobody may read it, or it may go to a full disk
        say(banner(settings, made=made, to_terminal=sys.stdout.isatty()))
    become_supervisord(settings, program=program, reserved=reserved, front=front)


def _with_state_folder(folder: StateFolder, settings: Settings) -> Settings:
    """Makes the folder if necessary, and checks what is in it.

    Returns the settings, with the sandbox's address if there is one.
    """
    make_private(folder)
    check_alone(folder)
    check_restored(folder)
    check_database(folder)
    check_free(settings.listen, "--listen or MOTTE_LISTEN")
    if settings.sandbox:
        settings = _with_sandbox(settings)
    check_servers(folder, settings)
    return settings


def banner(settings: Settings, *, made: str | None, to_terminal: bool) -> str:
    """Returns what is printed at the start. made: a new admin key, which only a terminal may show."""
    folder = StateFolder(settings.state)
    lines = [
        f"Motte     {_urls(settings.listen, folder)}",
        f"Version   {VERSION}",
        f"State     {folder.path}",
    ]
    if made and to_terminal:
        lines.append(f"API key   {made} (shown only once; also in {folder.admin_key})")
    elif settings.api_key:
        lines.append("API key   the one in MOTTE_API_KEY")
    elif folder.admin_key.exists():
        lines.append(f"API key   in {folder.admin_key}")
    else:
        lines.append("API key   an existing one (`motte keys list`); MOTTE_API_KEY adds another")
    lines.append(f"WhatsApp  {settings.whatsapp_url or 'its own servers'}" + " (sandbox)" * settings.sandbox)
    return "\n".join(lines)


def _urls(listen: Listen, folder: StateFolder) -> str:
    if listen.address.port == 0:
        return f"on a free port, see {folder.front}"
    return ", ".join(str(part) if isinstance(part, SocketPath) else f"http://{part}" for part in listen)


def _connector_program(program: str, fault: bundle.Fault | None) -> str:
    """Returns what connectors run. Warns if that is not the bundle."""
    if fault:
        say(
            f"Warning: connectors run on plain modules, which start more slowly and take more memory: "
            f"the bundle {fault.reason}. To build it, {BUNDLE_ADVICE}.",
            err=True,
        )
    return program


def _warn_of_quotes() -> None:
    """A key in quotes would be another key than the caller's."""
    for name in quoted(os.environ):
        say(
            f"Warning: the value of {name} has quotes around it, and they are part of it. "
            "An env file of Docker passes them on: remove them there.",
            err=True,
        )


def _with_sandbox(settings: Settings) -> Settings:
    """Chooses a free port here, because connectors get the sandbox's address before it listens."""
    if settings.whatsapp_url or settings.whatsapp_root_key:
        raise BadSettings("--sandbox replaces MOTTE_WHATSAPP_URL and MOTTE_WHATSAPP_ROOT_KEY: unset them")
    check_free([settings.sandbox_listen], "--sandbox-listen or MOTTE_SANDBOX_LISTEN")
    host, port = settings.sandbox_listen
    if port == 0:
        bound = bind(settings.sandbox_listen)
        port = bound[0].getsockname()[1]
        close_all(bound)
    return with_sandbox(replace(settings, sandbox_listen=Address(host, port)))


def _ensure_installed() -> None:
    from server.cli.install.command import ensure_installed  # imported here: a source folder does not need it

    ensure_installed()


def _prepare_database(folder: StateFolder, settings: Settings) -> str | None:
    """Returns a new admin key if the database had no key."""
    import asyncio  # imported here, with all of the store: most starts do not need it

    from server.cli.serve.first_key import prepare_database

    try:
        return asyncio.run(prepare_database(folder, given=settings.api_key))
    except SchemaTooOld as error:
        raise CannotServe(
            f"{folder.database}: {error}: "
            "end the front that was started by hand, or wait for the command that runs"
        ) from None
    except (StoreError, OSError) as error:
        raise CannotServe(f"{folder.database}: {error}") from None
