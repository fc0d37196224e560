"""`make`, where it needs no network."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from server.cli.serve.launch import ROOT

Make = Callable[..., subprocess.CompletedProcess[str]]


#: A Python that makes environments quickly: they hold nothing but an interpreter.
QUICK = '[ "$2" = venv ] && rm -rf "$4" && mkdir -p "$4/bin" && cp /bin/true "$4/bin/python"; exit 0'


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Run make in a folder that holds the Makefile alone, in a path with spaces."""
    place = tmp_path / "a place with spaces"
    place.mkdir()
    shutil.copy(ROOT / "Makefile", place)

    def make(*arguments: str, path: str = os.defpath) -> subprocess.CompletedProcess[str]:
        environ = {"PATH": path, "LC_ALL": "C"}
        return subprocess.run(
            ["make", *arguments], cwd=place, env=environ, capture_output=True, text=True, check=False
        )

    return make


def an_interpreter(place: Path, script: str) -> Path:
    """A `python3` that answers with `script`."""
    program = place / "python3"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return program


def test_make_alone_lists_its_commands_and_installs_nothing(make: Make, tmp_path: Path) -> None:
    shown = make()
    for command in ("install", "demo", "run", "test", "check", "clean"):
        assert f"make {command} " in shown.stdout
    assert not (tmp_path / "a place with spaces" / ".venv").exists()


def test_without_a_new_enough_python_the_tried_ones_are_named(make: Make, tmp_path: Path) -> None:
    old = an_interpreter(tmp_path, "exit 1")
    result = make("install", f"PYTHON={old}")
    assert result.returncode != 0
    assert "Motte needs Python 3.11 or newer" in result.stderr
    assert str(old) in result.stderr


def test_a_python_without_venv_is_reported_with_the_package_that_has_it(make: Make, tmp_path: Path) -> None:
    poor = an_interpreter(tmp_path, 'case "$2" in *ensurepip*) exit 1;; esac')
    result = make("install", f"PYTHON={poor}")
    assert result.returncode != 0
    assert "apt install python3-venv" in result.stderr


def test_an_interrupted_environment_is_made_again(make: Make, tmp_path: Path) -> None:
    """The stamp is the last act: without it nothing that lies there counts."""
    venv = tmp_path / "a place with spaces" / ".venv"
    (venv / "bin").mkdir(parents=True)
    (venv / "bin" / "torn").touch()
    assert make(".venv/.made", f"PYTHON={an_interpreter(tmp_path, QUICK)}").returncode == 0
    assert not (venv / "bin" / "torn").exists()
    assert "up to date" in make(".venv/.made").stdout


def test_an_environment_that_was_moved_is_made_again(make: Make, tmp_path: Path) -> None:
    stamp = tmp_path / "a place with spaces" / ".venv" / ".made"
    quick = an_interpreter(tmp_path, QUICK)
    make(".venv/.made", f"PYTHON={quick}")
    stamp.write_text("/elsewhere\n")
    make(".venv/.made", f"PYTHON={quick}")
    assert stamp.read_text() == f"{stamp.parent.parent}\n"
