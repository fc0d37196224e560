"""Paths of the program's own files, in a source folder and in an installed wheel."""

import hashlib
import pwd
from collections.abc import Iterator, Mapping
from os import geteuid
from pathlib import Path
from typing import Final

#: Variable that names the folder for the Node packages of an installed wheel.
CACHE_VARIABLE: Final = "MOTTE_CACHE"

_SOURCE: Final = Path(__file__).resolve().parents[2]
#: setup.py puts the files that are not Python here. Only a wheel contains this folder.
_BUNDLE: Final = _SOURCE / "server" / "bundle"

#: Whether this Motte was installed from a wheel, not run from its source folder.
IS_WHEEL: Final = _BUNDLE.is_dir()

#: Folder with supervisord.conf and connector/, as they were published.
FILES: Final = _BUNDLE if IS_WHEEL else _SOURCE

#: Hex digits of a digest that name a program folder.
_DIGEST_LENGTH: Final = 16

#: Folders of connector/ that a wheel does not contain. A bundle holds packages of others: it is built where
#: it runs.
_NOT_BUNDLED: Final = ("node_modules", "tools", "bundle")


def cache_folder(environ: Mapping[str, str]) -> Path | None:
    """Returns the folder for the Node packages of an installed wheel; None if nothing names one.

    That is `MOTTE_CACHE`, then `motte` in `XDG_CACHE_HOME`, then `.cache/motte` in the home folder.
    """
    if named := environ.get(CACHE_VARIABLE):
        return Path(named).absolute()
    base = Path(environ.get("XDG_CACHE_HOME", ""))
    if base.is_absolute():  # the XDG standard ignores relative paths
        return base / "motte"
    home = Path(environ.get("HOME") or _home_of_user())
    return home / ".cache" / "motte" if home.is_absolute() else None


def program_folder(environ: Mapping[str, str]) -> Path:
    """Returns the folder whose connector/ runs.

    A source folder runs itself. A wheel runs a copy in the cache: the folder of a Python package may be
    read-only, and Node looks for packages next to the files that import them. The name of the copy is a
    digest, so another version of Motte has another copy.
    """
    cache = cache_folder(environ) if IS_WHEEL else None
    return cache / f"connector-{digest(FILES / 'connector')}" if cache else FILES


def digest(connector: Path) -> str:
    """Returns a digest over the names and contents of the connector's own files, the lock among them."""
    whole = hashlib.sha256()
    for name in connector_files(connector):
        content = (connector / name).read_bytes()
        whole.update(f"{name}\0{len(content)}\0".encode() + content)
    return whole.hexdigest()[:_DIGEST_LENGTH]


def connector_files(connector: Path) -> list[str]:
    """Returns the relative paths of the connector's own files, sorted."""
    return sorted(_own_files(connector, connector))


def _own_files(folder: Path, connector: Path) -> Iterator[str]:
    for path in folder.iterdir():
        if path.is_dir():
            if path.name not in _NOT_BUNDLED:
                yield from _own_files(path, connector)
        elif path.suffix in (".js", ".json") or path.name == ".npmrc":
            yield path.relative_to(connector).as_posix()


def _home_of_user() -> str:
    try:
        return pwd.getpwuid(geteuid()).pw_dir
    except KeyError:
        return ""
