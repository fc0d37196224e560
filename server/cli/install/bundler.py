"""Builds the bundle of the connector, for `make install` and `motte install`."""

import os
import re
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Final

from server.cli.common.output import say
from server.cli.install.esbuild import UnknownEsbuild, check_esbuild, ensure_esbuild
from server.cli.install.lock import lock_folder
from server.cli.install.npm import NODE, NpmFailed, without_settings
from server.cli.serve.launch import ROOT
from server.core.bundle import BUNDLE, fault_of

#: Below connector/: what builds the bundle, with a lock of its own.
BUNDLER: Final = "bundler"

#: It takes less than a second. A busy host may take longer.
_TIMEOUT_SECONDS: Final = 120.0

#: What esbuild or Node says of an error, which begins a line.
_ERROR: Final = re.compile(r"^(?:\w*Error: )(?:Build failed with .*\n)?(.+)", re.MULTILINE)

#: Variables that would let another program run instead of esbuild, or change how Node runs.
_FOREIGN: Final = ("ESBUILD_", "NODE_OPTIONS", "NODE_PATH")


class BundleFailed(Exception):
    """The bundle could not be built. The message says why."""


def ensure_bundle(connector: Path, environ: Mapping[str, str], say: Callable[[str], None]) -> None:
    """Builds the bundle of a source folder if it is faulty. Waits while another process does so.

    Never fails: without a bundle, connectors run on plain modules, and `say` gets the reason.
    """
    bundler = connector / BUNDLER
    if not bundler.is_dir() or fault_of(connector) is None:
        return
    try:
        with lock_folder(bundler, say) as lock:
            build_if_faulty(connector, environ, say, lock=lock)
    except OSError as error:
        _say_failed(say, error)


def build_if_faulty(
    connector: Path,
    environ: Mapping[str, str],
    say: Callable[[str], None],
    *,
    lock: int,
    others: Iterable[Path] = (),
) -> None:
    """Builds the bundle if it is missing, changed or was built from other files. Never fails, as above.

    lock: descriptor of the lock that the caller holds. others: folders of other versions, as `connector`.
    """
    if not (connector / BUNDLER).is_dir() or fault_of(connector) is None:
        return
    try:
        ensure_esbuild(
            connector / BUNDLER, others=[other / BUNDLER for other in others], lock=lock, environ=environ
        )
        _run(connector, environ, lock=lock)
        if fault := fault_of(connector):
            raise BundleFailed(f"what was built {fault.reason}")
    except (BundleFailed, UnknownEsbuild, NpmFailed, OSError) as error:
        _say_failed(say, error)


def rebuilt_digest(connector: Path, environ: Mapping[str, str]) -> str:
    """Builds the bundle in a temporary folder, and returns its SHA-256.

    Installs nothing. Raises BundleFailed, UnknownEsbuild, OSError.
    """
    check_esbuild(connector / BUNDLER)
    with tempfile.TemporaryDirectory(prefix="motte-bundle-") as folder:
        _run(connector, environ, output=Path(folder))
        return sha256((Path(folder) / Path(BUNDLE).name).read_bytes()).hexdigest()


def _run(
    connector: Path, environ: Mapping[str, str], *, lock: int | None = None, output: Path | None = None
) -> None:
    command = [environ.get("MOTTE_NODE") or NODE, connector / BUNDLER / "build.js"]
    seen = {name: text for name, text in without_settings(environ).items() if not name.startswith(_FOREIGN)}
    try:
        subprocess.run(  # noqa: S603 - our own Node
            [*command, output] if output else command,
            cwd=connector,
            env=seen,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_TIMEOUT_SECONDS,
            check=True,
            pass_fds=() if lock is None else (lock,),
            umask=0o022,
        )
    except subprocess.CalledProcessError as error:
        raise BundleFailed(_last_error(error.stderr)) from None
    except subprocess.TimeoutExpired:
        raise BundleFailed(f"esbuild did not end within {_TIMEOUT_SECONDS:g} seconds") from None


def _last_error(stderr: str) -> str:
    """Returns the line of Node's output that names the error."""
    found = _ERROR.search(stderr)
    return found[1].strip()[:300] if found else "esbuild ended with an error"


def _say_failed(say: Callable[[str], None], error: Exception) -> None:
    say(
        f"Warning: the connector could not be bundled: {error}. Connectors run on plain modules: "
        "they start more slowly and take more memory"
    )


def main() -> None:
    """Called by the Makefile."""
    ensure_bundle(ROOT / "connector", os.environ, lambda sentence: say(sentence, err=True))
