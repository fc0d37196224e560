"""The Node packages of connector/, and digests of their files."""

import hashlib
import json
import os
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from server.cli.serve.launch import ROOT

CONNECTOR = ROOT / "connector"

#: File in connector/ with the digest of each package as npm unpacks it, by its path.
DIGESTS = "package-digests.json"

#: Kinds of packages that the Makefile lets npm omit.
OMITTED_KINDS = ("dev", "optional", "peer", "devOptional")


def document(file: Path) -> Any:
    """Reads a JSON file; empty if it cannot be read."""
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def locked(connector: Path) -> Any:
    """Returns the entries of package-lock.json by path."""
    return document(connector / "package-lock.json").get("packages", {})


def wanted(connector: Path) -> set[str]:
    """Returns the paths of the packages that `make install` installs."""
    packages = locked(connector).items()
    return {name for name, package in packages if name and not any(map(package.get, OMITTED_KINDS))}


def digests(connector: Path) -> dict[str, str]:
    """Returns SHA-256 over the names and contents of each package's files, by path."""
    return digests_of(connector, wanted(connector))


def digests_of(folder: Path, names: Collection[str]) -> dict[str, str]:
    """Returns such digests of the packages with these paths below a folder.

    A package that is missing has the digest of no files.
    """
    return {name: _digest(folder / name, {folder / other for other in names}) for name in sorted(names)}


def _digest(package: Path, packages: Collection[Path]) -> str:
    whole = hashlib.sha256()
    for file in sorted(_files(package, packages)):
        name, content = file.relative_to(package).as_posix(), file.read_bytes()
        whole.update(f"{name}\0{len(content)}\0".encode() + content)
    return whole.hexdigest()


def _files(package: Path, packages: Collection[Path]) -> Iterator[Path]:
    """Yields a package's files, without those of packages inside it."""
    for folder, folders, files in os.walk(package):
        folders[:] = [name for name in folders if Path(folder, name) not in packages]
        yield from (Path(folder, name) for name in files)
