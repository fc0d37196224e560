"""The Node packages that belong here, and what their files are."""

import hashlib
import json
import os
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from server.cli.serve.launch import ROOT

CONNECTOR = ROOT / "connector"

#: In the connector's folder: the digest of each package as npm unpacks it, by its place.
DIGESTS = "package-digests.json"

#: What npm leaves out here, as the Makefile tells it to.
LEFT_OUT = ("dev", "optional", "peer", "devOptional")


def document(file: Path) -> Any:
    """JSON; empty where there is none."""
    try:
        return json.loads(file.read_text())
    except (OSError, ValueError):
        return {}


def locked(connector: Path) -> Any:
    """What package-lock.json says of each package, by its place."""
    return document(connector / "package-lock.json").get("packages", {})


def wanted(connector: Path) -> set[str]:
    """The places of those that `make install` installs."""
    packages = locked(connector).items()
    return {name for name, package in packages if name and not any(map(package.get, LEFT_OUT))}


def digests(connector: Path) -> dict[str, str]:
    """SHA-256 over the names and contents of each package's files, by its place."""
    names = wanted(connector)
    return {name: _digest(connector / name, {connector / other for other in names}) for name in sorted(names)}


def _digest(package: Path, packages: Collection[Path]) -> str:
    whole = hashlib.sha256()
    for file in sorted(_files(package, packages)):
        name, content = file.relative_to(package).as_posix(), file.read_bytes()
        whole.update(f"{name}\0{len(content)}\0".encode() + content)
    return whole.hexdigest()


def _files(package: Path, packages: Collection[Path]) -> Iterator[Path]:
    """Without those of the packages that npm has put inside this one."""
    for folder, folders, files in os.walk(package):
        folders[:] = [name for name in folders if Path(folder, name) not in packages]
        yield from (Path(folder, name) for name in files)
