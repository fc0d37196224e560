"""esbuild, which builds the bundle. It is run only if its files are those that were published."""

import os
import platform
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from server.cli.doctor.packages import DIGESTS, digests_of, document
from server.cli.install.npm import NpmFailed, npm_ci

#: Processors that Node's Python package is made for: as Python names them -> as npm does.
PROCESSORS: Final = {"x86_64": "x64", "aarch64": "arm64"}

#: npm leaves a package that it could not fetch out, without an error, if the lock calls it optional. The
#: program for each processor is such a package.
_INCOMPLETE: Final = "npm did not install {}, as it was published. Run the installation again"


class UnknownEsbuild(Exception):
    """The files of esbuild are not those that were published, or none were. The message says so."""


def esbuild_packages(processor: str) -> tuple[str, str]:
    """Returns the paths of its two packages, JavaScript and program, for a processor as npm names it."""
    return "node_modules/esbuild", f"node_modules/@esbuild/linux-{processor}"


def check_esbuild(bundler: Path) -> None:
    """Checks that all files of esbuild are as they were published. Raises UnknownEsbuild, OSError."""
    changed = _changed(bundler, published=bundler)
    if changed:
        raise UnknownEsbuild(f"{changed} is not as it was published")


def ensure_esbuild(bundler: Path, *, others: Iterable[Path], lock: int, environ: Mapping[str, str]) -> None:
    """Installs esbuild if it is missing or changed: a copy of one of `others`, else from npm.

    others: such folders of other versions. Raises UnknownEsbuild, NpmFailed, OSError.
    """
    if _changed(bundler, published=bundler) and not any(_take(bundler, other) for other in others):
        with tempfile.TemporaryDirectory(prefix="motte-npm-") as cache:
            npm_ci(bundler, cache=Path(cache), lock_descriptor=lock, environ=environ, omitted=())
        if changed := _changed(bundler, published=bundler):
            raise NpmFailed(_INCOMPLETE.format(changed.removeprefix("node_modules/")))


def _take(bundler: Path, other: Path) -> bool:
    """Copies esbuild from another folder. Returns False if that has none, or one that was not published."""
    try:
        if _changed(other, published=bundler):
            return False
        shutil.rmtree(bundler / "node_modules", ignore_errors=True)
        for name in esbuild_packages(_processor()):
            shutil.copytree(other / name, bundler / name, symlinks=True)
        return not _changed(bundler, published=bundler)
    except OSError:
        return False


def _changed(bundler: Path, *, published: Path) -> str | None:
    """Returns a package that is not as it was published; None if all are."""
    known, names = document(published / DIGESTS), esbuild_packages(_processor())
    found = digests_of(bundler, names)
    program = bundler / names[1] / "bin" / "esbuild"
    if not os.access(program, os.X_OK):
        return names[1]
    return next((name for name in names if found[name] != known.get(name)), None)


def _processor() -> str:
    machine = platform.machine()
    if machine not in PROCESSORS:
        raise UnknownEsbuild(f"no esbuild is known for the processor {machine}")
    return PROCESSORS[machine]
