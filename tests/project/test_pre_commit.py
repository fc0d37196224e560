"""The hooks of .pre-commit-config.yaml: tools that make installed, and steps of `make check`."""

import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]

#: One file of each language, without a fault.
CLEAN_FILES = {"python": "setup.py", "javascript": "connector/main.js"}

#: Files that the tools read their settings from.
SETTINGS = ("pyproject.toml", "biome.jsonc", ".gitignore")

REPOSITORIES: list[dict[str, Any]] = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
HOOKS: list[dict[str, Any]] = [hook for repository in REPOSITORIES for hook in repository["hooks"]]
OF_FILES = [hook for hook in HOOKS if hook.get("pass_filenames", True)]


def recipe(target: str) -> str:
    """The commands of a target, as make would run them."""
    command = ["make", "--no-print-directory", "--dry-run", target]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def run(hook: dict[str, Any], folder: Path, text: str) -> subprocess.CompletedProcess[str]:
    """Runs a hook on one file with this text, in a folder that holds only this file and the settings."""
    for name in SETTINGS:
        shutil.copy(ROOT / name, folder)
    file = folder / CLEAN_FILES[hook["types"][0]]
    file.parent.mkdir(exist_ok=True)
    file.write_text(text)
    # The words that name a file are the program, which is in this checkout.
    words = [str(ROOT / word) if (ROOT / word).is_file() else word for word in shlex.split(hook["entry"])]
    return subprocess.run([*words, file], cwd=folder, capture_output=True, text=True, check=False)


def test_no_hook_needs_the_internet() -> None:
    assert {repository["repo"] for repository in REPOSITORIES} == {"local"}
    assert {hook["language"] for hook in HOOKS} == {"system"}


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook["id"])
def test_every_hook_is_a_step_of_make_check(hook: dict[str, Any]) -> None:
    without_options = re.split(r" --(?:fix|write|error)", hook["entry"])[0]
    assert without_options in recipe("check")


@pytest.mark.parametrize("hook", OF_FILES, ids=lambda hook: hook["id"])
def test_a_hook_passes_a_file_without_a_fault(hook: dict[str, Any], tmp_path: Path) -> None:
    ran = run(hook, tmp_path, (ROOT / CLEAN_FILES[hook["types"][0]]).read_text())
    assert ran.returncode == 0, ran.stdout + ran.stderr


@pytest.mark.parametrize("hook", OF_FILES, ids=lambda hook: hook["id"])
def test_a_hook_fails_on_a_file_that_cannot_be_parsed(hook: dict[str, Any], tmp_path: Path) -> None:
    ran = run(hook, tmp_path, "][\n")
    assert ran.returncode != 0
    assert f"{Path(CLEAN_FILES[hook['types'][0]]).name}:1:" in ran.stdout + ran.stderr
