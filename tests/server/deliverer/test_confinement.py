"""What the process that delivers cannot do, tried in a process that has given up the same."""

import subprocess
import sys
from pathlib import Path

import pytest

from server.cli.serve.launch import ROOT
from server.core.paths import StateFolder
from server.isolation import landlock

pytestmark = pytest.mark.skipif(not landlock.version(), reason="this kernel has no Landlock")

PROGRAM = """
import sys
from pathlib import Path
from server.core.paths import StateFolder
from server.deliverer.confinement import confine

confine(StateFolder(Path(sys.argv[1])))
try:
    exec(sys.argv[2])
except PermissionError:
    print("denied")
else:
    print("allowed")
"""


@pytest.fixture
def folder(tmp_path: Path) -> StateFolder:
    folder = StateFolder(tmp_path)
    for path in (folder.database, folder.admin_key, tmp_path / "sessions" / "shop" / "connector.db"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("as it was")
    folder.deliverer.mkdir()
    return folder


def tried(folder: StateFolder, statement: str) -> str:
    command = [sys.executable, "-c", PROGRAM, str(folder.path), statement]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.parametrize(
    "statement",
    [
        "Path(sys.argv[1], 'sessions/shop/connector.db').write_text('changed')",
        "Path(sys.argv[1], 'admin.key').unlink()",
        "Path(sys.argv[1], 'another').touch()",
        "Path('/tmp/motte-deliverer-was-here').touch()",
        "__import__('os').execv('/bin/true', ['true'])",
    ],
)
def test_it_changes_no_other_file_and_starts_no_program(folder: StateFolder, statement: str) -> None:
    assert tried(folder, statement) == "denied"


@pytest.mark.parametrize(
    "statement",
    [
        "open(Path(sys.argv[1], 'motte.db'), 'r+').write('new')",
        "Path(sys.argv[1], 'deliverer', 'etilqs_1').write_text('spilled')",
        "__import__('socket').getaddrinfo('localhost', 80)",
    ],
)
def test_it_can_do_what_deliveries_need(folder: StateFolder, statement: str) -> None:
    assert tried(folder, statement) == "allowed"
