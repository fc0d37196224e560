"""The compile cache that `motte serve` fills, since isolated connectors may only read it."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from server.cli.serve.compile_cache import CODE, KEEPER, fill_compile_cache
from server.cli.serve.launch import NODE, ROOT
from server.cli.serve.node_start import V8_OPTIONS
from server.core import bundle
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


@needs_landlock
def test_a_bundle_runs_from_the_code_of_a_whole_start_and_without_it_as_before(folder: StateFolder) -> None:
    folder.path.mkdir()
    fill_compile_cache(folder, Settings(state=folder.path), program=bundle.BUNDLE)
    code = folder.cache / CODE
    assert not (folder.cache / "rehearsal").exists()
    assert _from_kept_code(folder)

    whole = code.read_bytes()
    for damaged in (b"", whole[:-1], whole[:200] + b"?" + whole[201:], b"1" + whole[1:]):
        code.write_bytes(damaged)
        assert not _from_kept_code(folder)
    code.unlink()
    os.mkfifo(code)
    assert not _from_kept_code(folder)
    code.unlink()
    code.write_bytes(whole)
    assert _from_kept_code(folder)

    fill_compile_cache(folder, Settings(state=folder.path, connector_isolation=Isolation.OFF))
    assert not code.exists()


def _from_kept_code(folder: StateFolder) -> bool:
    """Whether a process that loads the bundle runs it from the kept code. It loads in any case.

    Node says what it takes from its own cache.
    """
    program = ROOT / "connector" / bundle.BUNDLE
    said = subprocess.run(
        [NODE, *V8_OPTIONS, "--max-old-space-size=200", f"--require={KEEPER}", program, "--load"],
        env={"NODE_COMPILE_CACHE": str(folder.cache), "NODE_DEBUG_NATIVE": "COMPILE_CACHE"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=True,
        text=True,
    )
    return "main.cjs was accepted" not in said.stdout + said.stderr
