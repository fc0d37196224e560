"""Checks of what `make install` installs: complete, unchanged and of the right version."""

import os
import platform
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from server.cli.common.node import TESTED, UnusableNode, text, version_of
from server.cli.common.output import first_few
from server.cli.doctor.finding import Finding, ok, warning, wrong
from server.cli.doctor.packages import CONNECTOR, DIGESTS, digests, document, locked, wanted
from server.cli.install.bundler import BundleFailed, rebuilt_digest
from server.cli.install.esbuild import UnknownEsbuild
from server.cli.serve.launch import BUNDLE_ADVICE, INSTALL_ADVICE, NODE, REBUILD_ADVICE, REINSTALL_ADVICE
from server.core import bundle
from server.core.installation import FILES, digest

#: The connector as it was published. Only a wheel runs a copy of it.
PUBLISHED = FILES / "connector"

OLDEST_PYTHON = (3, 11)

OWN_NODE_ADVICE = "MOTTE_NODE must be Node 24 or newer; unset it to use the one that was installed with Motte"

#: Packages that read what strangers send.
EXPOSED_PACKAGES = ("ws", "libsignal")


def check_python() -> Finding:
    """The Python that runs this is new enough."""
    version = platform.python_version()
    if sys.version_info < OLDEST_PYTHON:
        return wrong("python", f"{version} is too old", "install Motte again with Python 3.11 or newer")
    return ok("python", version)


def check_node(own: Path | None = None) -> Finding:
    """The Node that runs the connectors is new enough. own: that of MOTTE_NODE."""
    node, advice = (own, OWN_NODE_ADVICE) if own else (NODE, INSTALL_ADVICE)
    try:
        version = version_of(node)
    except UnusableNode as error:
        return wrong("node", f"{node} {error}", advice)
    detail = text(version) + f", {own}" * bool(own)
    if version < TESTED:
        behind = f"{detail}: behind {text(TESTED)}, with which this Motte was tested"
        return warning("node", behind, f"update {own}" if own else INSTALL_ADVICE)
    return ok("node", detail)


def check_baileys(connector: Path = CONNECTOR) -> Finding:
    """Baileys has exactly the version that the connector is written for."""
    pinned = document(connector / "package.json").get("dependencies", {}).get("baileys")
    found = document(connector / "node_modules" / "baileys" / "package.json")
    if found.get("name") != "baileys" or found.get("version") != pinned:
        return wrong(
            "baileys", f"{pinned} is wanted, {found.get('version', 'none')} is installed", REINSTALL_ADVICE
        )
    return ok("baileys", str(pinned))


def check_node_packages(connector: Path = CONNECTOR) -> Finding:
    """npm's list of installed packages equals the lock, hashes included."""
    lock = locked(connector)
    installed = document(connector / "node_modules" / ".package-lock.json").get("packages", {})
    strange = [name for name in installed if _identity(installed[name]) != _identity(lock.get(name, {}))]
    missing = [name for name in wanted(connector) if name not in installed or not (connector / name).is_dir()]
    if not lock or strange or missing:
        return wrong(
            "node packages",
            f"not as the lock says: {_names([*strange, *missing]) or 'there is no lock'}",
            REINSTALL_ADVICE,
        )
    versions = (f"{name} {lock[f'node_modules/{name}']['version']}" for name in EXPOSED_PACKAGES)
    return ok("node packages", f"{len(installed)}, as the lock says; {', '.join(versions)}")


def check_package_files(connector: Path = CONNECTOR, published: Path | None = None) -> Finding:
    """No file of a package was changed, truncated, added or removed since npm unpacked it.

    published: the connector as it was published, if it runs as a copy. Its own files must be equal then.
    """
    pinned = document((published or connector) / DIGESTS)
    try:
        found = digests(connector)
        if published and digest(connector) != digest(published):
            return wrong("package files", "those of Motte are not as they were published", REINSTALL_ADVICE)
    except OSError as error:
        return wrong("package files", f"cannot be read: {error}", REINSTALL_ADVICE)
    if not pinned or found != pinned:
        changed = [name for name in {**pinned, **found} if found.get(name) != pinned.get(name)]
        return wrong(
            "package files",
            f"not as they were published: {_names(changed) or 'none are known'}",
            REINSTALL_ADVICE,
        )
    return ok("package files", "as they were published")


def check_bundle(connector: Path = CONNECTOR, published: Path = PUBLISHED) -> Finding:
    """The connector's bundle is what the files that are installed give."""
    try:
        fault = bundle.fault_of(connector, published)
        if fault is None and bundle.published_bundle(published):
            return ok("bundle", f"the published one, by esbuild {bundle.built_by(connector)}")
    except OSError as error:
        return wrong("bundle", f"cannot be read: {error}", BUNDLE_ADVICE)
    if fault is None:
        return _compare_bundle(connector)
    if fault.is_damaged:
        return wrong("bundle", f"it {fault.reason}", BUNDLE_ADVICE)
    consequence = "connectors run on plain modules, which start more slowly and take more memory"
    return warning("bundle", f"it {fault.reason}: {consequence}", BUNDLE_ADVICE)


def _compare_bundle(connector: Path) -> Finding:
    """Builds the bundle again, because none is published for these files."""
    try:
        is_same = rebuilt_digest(connector, os.environ) == bundle.digest(connector, bundle.BUNDLE)
    except (BundleFailed, UnknownEsbuild, OSError) as error:
        detail = f"none is published for these files, and it cannot be built again to compare: {error}"
        return warning("bundle", detail, BUNDLE_ADVICE)
    if not is_same:
        return wrong("bundle", "it is not what the installed files give", REBUILD_ADVICE)
    return ok("bundle", f"of the installed files, by esbuild {bundle.built_by(connector)}")


def _names(packages: Iterable[str]) -> str:
    names = sorted({name.removeprefix("node_modules/") for name in packages})
    return first_few(names)


def _identity(package: Any) -> tuple[Any, Any]:
    return package.get("version"), package.get("integrity")
