"""A copy of the project in which the connector runs on another Baileys."""

import json
import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]

#: What npm must not fetch or run, as in the Makefile.
NPM_OPTIONS = ("--ignore-scripts", "--omit=dev", "--omit=peer", "--omit=optional", "--no-audit", "--no-fund")


class InstallFailed(Exception):
    """This Baileys cannot be installed. The message is the end of what was printed."""


def with_baileys(package: str, spec: str) -> str:
    """The text of package.json with another Baileys. spec: a version, or the path of a tarball.

    libsignal stays at our version: Baileys 6 takes it from a git repository, not from npm.
    """
    wanted = json.loads(package)
    tarball = Path(spec)
    wanted["dependencies"]["baileys"] = f"file:{tarball.resolve()}" if tarball.is_file() else spec
    wanted["overrides"] = {"libsignal": "$libsignal"}
    return json.dumps(wanted, indent=2) + "\n"


def make_scratch(folder: Path, spec: str) -> None:
    """Fill `folder` with the project on another Baileys, installed. Raises InstallFailed.

    The sandbox keeps the Baileys of the project: a server does not change with its clients.
    """
    _copy_project(folder)
    connector = folder / "connector"
    sandbox = connector / "sandbox"
    for name in ("package.json", "package-lock.json"):
        shutil.copy(connector / name, sandbox / name)
    package = connector / "package.json"
    package.write_text(with_baileys(package.read_text(), spec))
    (connector / "package-lock.json").unlink()
    _run(["make", "--no-print-directory", ".venv/.motte", ".venv/.development"], folder)
    _npm(folder, connector, "install")
    _npm(folder, sandbox, "ci")
    (connector / "node_modules" / ".installed").touch()
    # Connectors run it, as they do where Motte is installed. If it cannot be made, `bundle.test.js` fails.
    _run(["make", "--no-print-directory", "bundle"], folder)
    _run(
        [".venv/bin/python", "-m", "tests.cli.digests"], folder
    )  # else `motte doctor` finds changed packages


def _copy_project(folder: Path) -> None:
    """Copies the files that are or would be in the repository."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for name in filter(None, names.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)


def _npm(folder: Path, where: Path, verb: str) -> None:
    node = (folder / ".venv/bin/node").resolve()
    npm = node.parent.parent / "lib/node_modules/npm/bin/npm-cli.js"
    _run([str(node), str(npm), verb, *NPM_OPTIONS], where, PATH=f"{node.parent}:{os.environ['PATH']}")


def _run(command: list[str], where: Path, **environment: str) -> None:
    environ = {**os.environ, "NODE_USE_SYSTEM_CA": "1", **environment}
    done = subprocess.run(command, cwd=where, env=environ, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise InstallFailed((done.stdout + done.stderr)[-2000:])
