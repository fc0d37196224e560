"""Files below the state folder are opened through two modules, which check the kind of a file."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

#: What opens a file by its name, and might wait for a pipe or follow a link.
PYTHON = re.compile(
    r"\bos\.open\(|\.(read|write)_(text|bytes)\(|sqlite3?\.connect\(|\.open\((\"|errors=)|"
    r"(?<![.\w])(?<!def )open\("
)
NODE = re.compile(r"\b(open|readFile|writeFile|truncate)Sync\(|\bcreate\w+Stream\(|\bnew DatabaseSync\(")

#: Files of the program, of the kernel, new ones (O_EXCL), or those that were checked before.
EXCEPTIONS = {
    "server/api/resources/description.py": "files of the program",
    "server/api/resources/static_files.py": "files of the program",
    "server/auth/scan_links.py": "a new file",
    "server/cli/backup/restore.py": "the backup, whose kind was checked",
    "server/cli/backup/archive.py": "new files, and the backup",
    "server/cli/common/program.py": "/dev/null",
    "server/cli/common/streams.py": "/dev/null",
    "server/cli/doctor/clock_check.py": "/proc",
    "server/cli/doctor/packages.py": "files of the program",
    "server/cli/install/program.py": "files of the program, and the cache folder",
    "server/cli/sandbox/gateway.py": "a folder of its own, and /proc",
    "server/cli/serve/first_key.py": "a new file",
    "server/cli/serve/host.py": "/proc",
    "server/cli/serve/preflight.py": "files of the program",
    "server/cli/install/bundler.py": "files of the program",
    "server/cli/install/lock.py": "a lock in the cache folder, and folders of the program",
    "server/core/bundle.py": "files of the program",
    "server/core/clock.py": "/proc",
    "server/core/free_memory.py": "/proc, and the control group",
    "server/core/installation.py": "files of the program",
    "server/isolation/capabilities.py": "/proc",
    "server/isolation/landlock.py": "names files, without reading them",
    "server/protocol/exit_codes.py": "a file of the program",
    "server/protocol/tables.py": "a file of the program",
    "server/supervisor_plugin/child_process.py": "/dev/null",
    "server/isolation/files.py": "/proc",
    "server/cli/serve/node_start.py": "/proc",
    "server/supervisor_plugin/log_resilience.py": "a log, whose kind was checked when it was opened first",
    "server/supervisor_plugin/resident_memory.py": "/proc",
    "server/web/languages.py": "files of the program",
    "server/web/problem_texts.py": "a file of the program",
    "server/web/templates.py": "files of the program",
    "store/files.py": "opens files for the others",
    "store/sqlite/backup.py": "in memory, or checked before",
    "store/sqlite/database.py": "checked before",
    "store/sqlite/database_file.py": "a new file",
    "store/sqlite/read_only.py": "opens files for the others",
    "store/sqlite/schema.py": "files of the program",
    "connector/bundler/build.js": "files of the program",
    "connector/bundler/manifest.js": "files of the program",
    "connector/compiled_code/preload.js": "checks the kind itself: it runs before all other modules",
    "connector/process/files.js": "opens files for the others",
    "connector/storage/database.js": "checked before",
}


def openers() -> set[str]:
    python = [*(ROOT / "server").rglob("*.py"), *(ROOT / "store").rglob("*.py")]
    node = [path for path in (ROOT / "connector").rglob("*.js") if "node_modules" not in path.parts]
    found = [path for path in python if PYTHON.search(path.read_text())]
    found += [path for path in node if NODE.search(path.read_text())]
    return {path.relative_to(ROOT).as_posix() for path in found}


def test_files_below_the_state_folder_are_opened_by_the_modules_that_check_their_kind() -> None:
    assert openers() - EXCEPTIONS.keys() == set()


@pytest.mark.parametrize("file", EXCEPTIONS)
def test_an_exception_still_opens_files(file: str) -> None:
    assert file in openers()
