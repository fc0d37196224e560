"""A cache folder, a connector to bundle, and an npm that unpacks what it is given."""

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from server.cli.doctor.packages import CONNECTOR, DIGESTS, digests
from server.cli.install import program
from server.core.installation import connector_files

NOT_COPIED = shutil.ignore_patterns("node_modules", "bundle", "tools", "sandbox")

LOCK = {"packages": {"": {}, "node_modules/ws": {"version": "1.0.0", "integrity": "sha512-x"}}}


class Npm:
    """Stands for npm: unpacks one package. Tests say what it does instead."""

    def __init__(self) -> None:
        self.runs = 0
        self.content = "export default 1"
        self.instead: Callable[[], None] | None = None

    def __call__(
        self, connector: Path, *, cache: Path, lock_descriptor: int, environ: Mapping[str, str]
    ) -> None:
        self.runs += 1
        unpack(connector, self.content)
        if self.instead:
            self.instead()


def unpack(connector: Path, content: str = "export default 1") -> None:
    """Writes the files of the one package that the lock names."""
    package = connector / "node_modules" / "ws"
    package.mkdir(parents=True)
    (package / "index.js").write_text(content)


@pytest.fixture
def published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The files of a wheel: a connector with one file and one package."""
    files = tmp_path / "bundle"
    publish(files, "first")
    monkeypatch.setattr(program, "FILES", files)
    return files


def publish(files: Path, text: str) -> None:
    """Writes a connector and the digests of its package, as a release contains them."""
    connector = files / "connector"
    (connector / "session").mkdir(parents=True, exist_ok=True)
    (connector / "main.js").write_text(f"// {text}")
    (connector / "session" / "socket.js").write_text("")
    (connector / ".npmrc").write_text("")
    (connector / "package-lock.json").write_text(json.dumps(LOCK))
    unpack(connector)
    (connector / DIGESTS).write_text(json.dumps(digests(connector)))
    shutil.rmtree(connector / "node_modules")
    assert "session/socket.js" in connector_files(connector)


@pytest.fixture
def npm(monkeypatch: pytest.MonkeyPatch) -> Npm:
    """The npm that installations use."""
    fake = Npm()
    monkeypatch.setattr(program, "npm_ci", fake)
    return fake


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """Where program folders are installed. It does not exist yet."""
    return tmp_path / "home" / ".cache" / "motte"


@pytest.fixture
def target(cache: Path) -> Path:
    """The program folder of this version."""
    return cache / "connector-0123456789abcdef"


@pytest.fixture
def connector(tmp_path: Path) -> Path:
    """A connector that was not bundled yet. Its packages are those of this folder."""
    copy = tmp_path / "connector"
    shutil.copytree(CONNECTOR, copy, ignore=NOT_COPIED)
    for name in ("node_modules", "bundler/node_modules"):
        (copy / name).symlink_to(CONNECTOR / name)
    return copy
