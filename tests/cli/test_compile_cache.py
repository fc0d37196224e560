"""The compile cache that `motte serve` fills, since isolated connectors may only read it."""

import re
from pathlib import Path

import pytest

from server.cli.serve.compile_cache import fill_compile_cache
from server.cli.serve.launch import ROOT
from server.core.paths import StateFolder
from server.core.settings.model import Isolation, Settings
from server.isolation.confinement import Offered

needs_landlock = pytest.mark.skipif(not Offered.here().landlock, reason="no Landlock")


def imported(file: Path) -> set[str]:
    """The connector's own files that a file imports."""
    paths = re.findall(r"^import .*'(\.[^']+)'$", file.read_text(), re.MULTILINE)
    return {(file.parent / path).resolve().relative_to(ROOT).as_posix() for path in paths}


def test_what_fills_the_cache_loads_all_that_a_connector_loads() -> None:
    filler = ROOT / "connector" / "process" / "warm_compile_cache.js"
    assert imported(filler) == imported(ROOT / "connector" / "main.js")


@needs_landlock
def test_the_cache_is_filled_once_and_again_after_connectors_could_write_it(folder: StateFolder) -> None:
    folder.path.mkdir()
    isolated = Settings(state=folder.path)
    fill_compile_cache(folder, isolated)
    [compiled] = [path for path in folder.cache.iterdir() if path.is_dir()]
    assert len(list(compiled.iterdir())) > 100

    poison = compiled / "poison"
    poison.touch()
    fill_compile_cache(folder, isolated)
    assert poison.exists()

    fill_compile_cache(folder, Settings(state=folder.path, connector_isolation=Isolation.OFF))
    fill_compile_cache(folder, isolated)
    assert not poison.exists()


def test_a_cache_that_cannot_be_filled_is_no_obstacle(folder: StateFolder, tmp_path: Path) -> None:
    folder.path.mkdir()
    node = tmp_path / "node"
    node.write_text("#!/bin/sh\nexit 1\n")
    node.chmod(0o700)
    fill_compile_cache(folder, Settings(state=folder.path, node=node))
    assert not folder.cache.exists()
