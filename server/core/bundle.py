"""The connector as one file, which `make install` or `motte install` builds from its modules and packages.

connector/bundler/ builds it into connector/bundle/, and writes the digests of all that it was built from.
The same files give the same bundle on every host. So a release publishes the digest of its bundle.
"""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, NamedTuple

from server.core.installation import connector_files

#: What runs without a usable bundle, and what runs with one. Paths below connector/.
MODULES: Final = "main.js"
BUNDLE: Final = "bundle/main.cjs"

_FOLDER: Final = "bundle"
_MANIFEST: Final = "bundle/manifest.json"

#: File in connector/ with what a release publishes: the digest of its bundle, and one over its own files.
PUBLISHED: Final = "bundle-digest.json"

#: Folder of connector/ that no bundle contains.
_NOT_IN_IT: Final = "sandbox/"


class Fault(NamedTuple):
    """Why connectors run on plain modules."""

    #: Words that follow "the bundle".
    reason: str
    #: Whether the bundle itself was changed. Then somebody may have tampered with it.
    is_damaged: bool = False


class Published(NamedTuple):
    """What a release publishes of its bundle."""

    #: Digest of the connector's own files, from which the bundle was built.
    sources: str
    #: SHA-256 of the bundle.
    bundle: str


def fault_of(connector: Path, published: Path | None = None) -> Fault | None:
    """Returns why the bundle cannot be used; None if it is as it was built, from the files that are there.

    published: connector/ as it was published, if that is another folder. If it has the digest of its bundle,
    the bundle must have that digest.
    Reads every file that it was built from, 7 MB.
    """
    try:
        manifest = json.loads((connector / _MANIFEST).read_bytes())
        outputs, sources = dict(manifest["outputs"]), dict(manifest["sources"])
    except FileNotFoundError:
        return Fault("was not built")
    except (OSError, ValueError, KeyError, TypeError):
        return Fault("has no manifest that can be read")
    if Path(BUNDLE).name not in outputs or _first_changed(connector / _FOLDER, outputs):
        return Fault("is not as it was built", is_damaged=True)
    changed = _first_changed(connector, sources) if sources else "program"
    if changed:
        return Fault(f"was built from another {changed}")
    wanted = published_bundle(published or connector)
    if wanted is not None and outputs[Path(BUNDLE).name] != wanted:
        return Fault("is not the one that was published", is_damaged=True)
    return None


def published_bundle(published: Path) -> str | None:
    """Returns the SHA-256 that the bundle of these files must have.

    None if the files were changed since it was published, as between two releases.
    """
    try:
        known = Published(**json.loads((published / PUBLISHED).read_bytes()))
    except (OSError, ValueError, TypeError):
        return None
    return known.bundle if known.sources == sources_digest(published) else None


def sources_digest(connector: Path) -> str:
    """Returns a digest over the connector's own files that decide what its bundle is.

    Digests of packages are among these files.
    """
    whole = sha256()
    for name in connector_files(connector):
        if name != PUBLISHED and not name.startswith(_NOT_IN_IT):
            content = (connector / name).read_bytes()
            whole.update(f"{name}\0{len(content)}\0".encode() + content)
    return whole.hexdigest()


def program(connector: Path, published: Path | None = None) -> tuple[str, Fault | None]:
    """Returns what connectors run, as a path below connector/, and why it is not the bundle."""
    fault = fault_of(connector, published)
    return (MODULES if fault else BUNDLE), fault


def digest(connector: Path, program: str) -> str:
    """Returns SHA-256 of what connectors run. Raises OSError."""
    return sha256((connector / program).read_bytes()).hexdigest()


def built_by(connector: Path) -> str:
    """Returns the version of esbuild that built the bundle."""
    manifest: Any = json.loads((connector / _MANIFEST).read_bytes())
    return str(manifest.get("esbuild"))


def _first_changed(folder: Path, digests: dict[str, str]) -> str | None:
    for name, digest in digests.items():
        try:
            if sha256((folder / name).read_bytes()).hexdigest() != digest:
                return name
        except OSError:
            return name
    return None
