"""The connector as one file, which `make install` or `motte install` builds from its modules and packages.

connector/bundler/ builds it into connector/bundle/, and writes the digests of all that it was built from.
"""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, NamedTuple

#: What runs without a usable bundle, and what runs with one. Paths below connector/.
MODULES: Final = "main.js"
BUNDLE: Final = "bundle/main.cjs"

_FOLDER: Final = "bundle"
_MANIFEST: Final = "bundle/manifest.json"


class Fault(NamedTuple):
    """Why connectors run on plain modules."""

    #: Words that follow "the bundle".
    reason: str
    #: Whether the bundle itself was changed. Then somebody may have tampered with it.
    is_damaged: bool = False


def fault_of(connector: Path) -> Fault | None:
    """Returns why the bundle cannot be used; None if it is as it was built, from the files that are there.

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
    return None


def program(connector: Path) -> tuple[str, Fault | None]:
    """Returns what connectors run, as a path below connector/, and why it is not the bundle."""
    fault = fault_of(connector)
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
