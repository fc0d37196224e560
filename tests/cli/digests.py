"""Writes the digests of the connector's packages, after a fresh installation.

`python -m tests.cli.digests esbuild` writes those of esbuild for each processor instead, which npm fetches.
"""

import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

from server.cli.doctor.packages import CONNECTOR, DIGESTS, digests, digests_of
from server.cli.install.bundler import BUNDLER
from server.cli.install.esbuild import PROCESSORS, esbuild_packages
from server.cli.install.npm import npm_ci


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


if __name__ == "__main__":
    if sys.argv[1:] == ["esbuild"]:
        write(CONNECTOR / BUNDLER, digests_of_esbuild(CONNECTOR / BUNDLER))
    else:
        write(CONNECTOR, digests(CONNECTOR))
