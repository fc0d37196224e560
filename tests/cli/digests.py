"""Writes the digests of the connector's packages, after a fresh installation.

`python -m tests.cli.digests bundle` writes that of the bundle instead.
`python -m tests.cli.digests esbuild` writes those of esbuild for each processor, which npm fetches.
"""

import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

from server.cli.doctor.packages import CONNECTOR, DIGESTS, digests, digests_of
from server.cli.install.bundler import BUNDLER, rebuilt_digest
from server.cli.install.esbuild import PROCESSORS, esbuild_packages
from server.cli.install.npm import npm_ci
from server.core.bundle import PUBLISHED, Published, sources_digest


def digests_of_esbuild(bundler: Path) -> dict[str, str]:
    """Returns the digests of esbuild's packages for all processors, as npm unpacks them."""
    found: dict[str, str] = {}
    for processor in PROCESSORS.values():
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            for file in ("package.json", "package-lock.json", ".npmrc"):
                shutil.copy(bundler / file, folder)
            environ = {**os.environ, "npm_config_os": "linux", "npm_config_cpu": processor}
            npm_ci(folder, cache=folder / "npm", lock_descriptor=None, environ=environ, omitted=())
            found |= digests_of(folder, esbuild_packages(processor))
    return found


def write(folder: Path, found: dict[str, str]) -> None:
    """Writes the digests of packages into the folder that installs them."""
    (folder / DIGESTS).write_text(json.dumps(found, indent=2) + "\n")


def write_bundle(connector: Path) -> None:
    """Writes the digest of the bundle that these files give."""
    published = Published(sources_digest(connector), rebuilt_digest(connector, os.environ))
    (connector / PUBLISHED).write_text(json.dumps(published._asdict(), indent=2) + "\n")


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["esbuild"]:
            write(CONNECTOR / BUNDLER, digests_of_esbuild(CONNECTOR / BUNDLER))
        case ["bundle"]:
            write_bundle(CONNECTOR)
        case _:
            write(CONNECTOR, digests(CONNECTOR))
