"""Node's compile cache, which is filled before the first connector starts.

Node's own part has what V8 compiles when it reads a file. For the bundle there is more: the code of a whole
start (connector/compiled_code/preload.js).
Isolated connectors may not write it: one of them could put code there that all others would run.
"""

import os
import shutil
import subprocess
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Final

from server.cli.serve.launch import NODE, ROOT
from server.cli.serve.node_start import V8_OPTIONS
from server.connectors.folders import furnish
from server.core import bundle
from server.core.installation import digest
from server.core.paths import SessionFolder, StateFolder
from server.core.settings.model import Isolation, Settings
from server.isolation.confinement import Confinement, Offered
from server.isolation.environment import connector_environment
from store.files import read_regular, replace_file

#: What loads all that a connector loads: program -> file below connector/, and its arguments.
_LOADERS: Final = {
    bundle.MODULES: ("process/warm_compile_cache.js",),
    bundle.BUNDLE: (bundle.BUNDLE, "--load"),
}

#: What keeps the code of a whole start, and the file in the cache that it writes.
KEEPER: Final = ROOT / "connector/compiled_code/preload.js"
CODE: Final = "main.code"

#: It takes half a second. On a busy host, connectors rather start slowly than late.
_TIMEOUT_SECONDS: Final = 20.0


def fill_compile_cache(folder: StateFolder, settings: Settings, *, program: str = bundle.MODULES) -> None:
    """Fills the cache if it was filled by another version or could be written by connectors. Never fails.

    program: what connectors run, below connector/.
    Without a cache, a connector starts more slowly.
    """
    mark = folder.cache / "filled"
    if settings.connector_isolation is Isolation.OFF:
        for name in (mark, folder.cache / CODE):
            name.unlink(missing_ok=True)  # connectors write the cache now
        return
    node, offered = settings.node or NODE, Offered.here()
    try:
        version = _version(node, program)
        if not offered.landlock:  # Node lets no connector read a cache that it may not write
            return
        if not _is_filled(mark, version):
            shutil.rmtree(folder.cache, ignore_errors=True)
            folder.cache.mkdir(mode=0o700)
            file, *arguments = _LOADERS[program]
            _run(node, folder, offered, ROOT / "connector" / file, *arguments)
            if program == bundle.BUNDLE:
                _keep_code(node, folder, offered)
            replace_file(mark, version)
    except (OSError, subprocess.SubprocessError):
        shutil.rmtree(folder.cache, ignore_errors=True)


def _is_filled(mark: Path, version: bytes) -> bool:
    try:
        return read_regular(mark) == version
    except FileNotFoundError:
        return False


def _version(node: Path, program: str) -> bytes:
    """Returns a digest over everything that decides what the cache holds."""
    content = bundle.digest(ROOT / "connector", program)
    files = [_identity(path) for path in (node, ROOT / "connector" / program)]
    parts = (ROOT, digest(ROOT / "connector"), content, node.resolve(), *files)
    return sha256(repr(parts).encode()).hexdigest().encode()


def _identity(path: Path) -> tuple[int, int, int]:
    status = path.stat()
    return status.st_size, status.st_ino, status.st_mtime_ns


def _keep_code(node: Path, folder: StateFolder, offered: Offered) -> None:
    """Has a process rehearse a start, and keep what it has compiled. Without it, starts take longer."""
    place = folder.cache / "rehearsal"
    try:
        furnish(SessionFolder(place))
        with suppress(subprocess.SubprocessError):
            program = ROOT / "connector" / bundle.BUNDLE
            _run(node, folder, offered, f"--require={KEEPER}", program, "--rehearse", place)
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _run(node: Path, folder: StateFolder, offered: Offered, *command: Path | str) -> None:
    """Runs Node confined: it executes code of every package of connector/."""
    confinement = Confinement.for_cache(offered, code=ROOT / "connector", cache=folder.cache, node=node)
    seen = connector_environment(os.environ) | {"NODE_COMPILE_CACHE": str(folder.cache)}
    subprocess.run(  # noqa: S603 - our own Node
        [node, *V8_OPTIONS, *confinement.node_options(), *command],
        cwd=ROOT,
        env=seen,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        timeout=_TIMEOUT_SECONDS,
        check=True,
        preexec_fn=lambda: confinement.enter(seen),
    )
