"""Whether what `make install` installs is there, whole, and of the right version."""

import json
import platform
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from server.cli.checkup.finding import Finding, ok, wrong
from server.cli.launch import NODE, ROOT

OLDEST_PYTHON = (3, 11)
OLDEST_NODE = 24

CONNECTOR = ROOT / "connector"

#: What npm leaves out here, as the Makefile tells it to.
LEFT_OUT = ("dev", "optional", "peer", "devOptional")

#: Seconds; Node says its version in a tenth of one.
PATIENCE = 5.0

AGAIN = f"run `make install` in {ROOT}"


def check_python() -> Finding:
    """The one that runs this."""
    version = platform.python_version()
    if sys.version_info < OLDEST_PYTHON:
        return wrong("python", f"{version} is too old", "install Python 3.11 or newer, then `make install`")
    return ok("python", version)


def check_node(node: Path = NODE) -> Finding:
    """The one that comes as a Python package."""
    try:
        said = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=PATIENCE)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired) as error:
        return wrong("node", f"{node} does not run: {error}", AGAIN)
    version = said.stdout.strip()
    match = re.fullmatch(r"v([0-9]+)\..*", version)
    if match is None or int(match[1]) < OLDEST_NODE:
        return wrong("node", f"{node} says {version or said.stderr.strip()!r}", AGAIN)
    return ok("node", version)


def check_baileys(connector: Path = CONNECTOR) -> Finding:
    """Exactly the one that the connector is written for."""
    wanted = _document(connector / "package.json").get("dependencies", {}).get("baileys")
    found = _document(connector / "node_modules" / "baileys" / "package.json")
    if found.get("name") != "baileys" or found.get("version") != wanted:
        return wrong("baileys", f"{wanted} is wanted, {found.get('version', 'none')} is installed", AGAIN)
    return ok("baileys", str(wanted))


def check_node_packages(connector: Path = CONNECTOR) -> Finding:
    """npm's own account of what it installed agrees with the lock, hashes included."""
    locked = _document(connector / "package-lock.json").get("packages", {})
    installed = _document(connector / "node_modules" / ".package-lock.json").get("packages", {})
    wanted = {name for name, package in locked.items() if name and not any(map(package.get, LEFT_OUT))}
    strange = [name for name in installed if _identity(installed[name]) != _identity(locked.get(name, {}))]
    missing = [name for name in wanted if name not in installed or not (connector / name).is_dir()]
    if not locked or strange or missing:
        names = ", ".join(sorted(name.removeprefix("node_modules/") for name in {*strange, *missing})[:3])
        return wrong("node packages", f"not as the lock says: {names or 'there is no lock'}", AGAIN)
    return ok("node packages", f"{len(installed)}, as the lock says")


def _identity(package: Any) -> tuple[Any, Any]:
    return package.get("version"), package.get("integrity")


def _document(file: Path) -> Any:
    try:
        return json.loads(file.read_text())
    except (OSError, ValueError):
        return {}
