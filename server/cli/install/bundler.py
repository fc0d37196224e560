"""Builds the bundle of the connector, for `make install` and `motte install`."""

import json
import os
import re
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from server.cli.common.output import say
from server.cli.install.npm import NODE, NpmFailed, npm_ci, without_settings
from server.cli.serve.launch import ROOT
from server.core.bundle import fault_of

#: Below connector/: what builds the bundle, with a lock of its own.
_BUNDLER: Final = "bundler"

#: It takes less than a second. A busy host may take longer.
_TIMEOUT_SECONDS: Final = 120.0


#: What esbuild or Node says of an error, which begins a line.
_ERROR: Final = re.compile(r"^(?:\w*Error: )(?:Build failed with .*\n)?(.+)", re.MULTILINE)


class BundleFailed(Exception):
    """The bundle could not be built. The message says why."""


def ensure_bundle(connector: Path, environ: Mapping[str, str], say: Callable[[str], None]) -> None:
    """Builds the bundle if it is missing or was built from other files.

    Never fails: without a bundle, connectors run on plain modules, and `say` gets the reason.
    """
    if not (connector / _BUNDLER).is_dir() or fault_of(connector) is None:
        return
    try:
        _install_esbuild(connector / _BUNDLER, environ)
        _build(connector, environ)
    except (BundleFailed, NpmFailed, OSError) as error:
        say(
            f"Warning: the connector could not be bundled: {error}. Connectors run on plain modules: "
            "they start more slowly and take more memory"
        )


def _install_esbuild(bundler: Path, environ: Mapping[str, str]) -> None:
    """Installs what the bundler's lock names, if it is not installed. Raises NpmFailed, OSError."""
    if _installed(bundler / "node_modules" / ".package-lock.json") == _installed(
        bundler / "package-lock.json"
    ):
        return
    with tempfile.TemporaryDirectory(prefix="motte-npm-") as cache:
        npm_ci(bundler, cache=Path(cache), lock_descriptor=None, environ=environ, omitted=())


def _installed(lock: Path) -> tuple[str, str] | None:
    """Returns the version and the hash of esbuild in a lock; None without one."""
    try:
        package = json.loads(lock.read_bytes())["packages"]["node_modules/esbuild"]
        return package["version"], package["integrity"]
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _build(connector: Path, environ: Mapping[str, str]) -> None:
    command = [environ.get("MOTTE_NODE") or NODE, connector / _BUNDLER / "build.js"]
    try:
        subprocess.run(  # noqa: S603 - our own Node
            command,
            cwd=connector,
            env=without_settings(environ),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_TIMEOUT_SECONDS,
            check=True,
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


def main() -> None:
    """Called by the Makefile."""
    ensure_bundle(ROOT / "connector", os.environ, lambda sentence: say(sentence, err=True))
