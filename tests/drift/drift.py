"""How much of the connector's tests passes on other versions of Baileys: `make drift BAILEYS=7.0.0-rc13`.

Each version is a version of npm's `baileys` or the path of a tarball. It is installed in a scratch
copy of the project, which is removed afterwards. Nothing in the project itself changes.

The tests of pairing come first. A version on which no session links is given up after them: most other
tests would only wait for a session that never opens.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from click import echo

from tests.drift.results import Results, read_report
from tests.drift.scratch import InstallFailed, make_scratch
from tests.support.sources import connector_modules

#: Seconds that one suite may take.
SUITE_TIMEOUT_SECONDS = 1_800

#: Suites of one version: pairing, all tests of the connector, end to end.
SUITES = 3

PAIRING = "tests/connector/pairing/pairing_codes.test.js"


def main(specs: list[str]) -> int:
    """Prints a table of versions and every failure. 1 if any version fails a test or cannot be installed."""
    if not specs:
        echo("name at least one version or tarball: make drift BAILEYS=7.0.0-rc13", err=True)
        return 2
    rows = [_try(spec) for spec in specs]
    echo("\n| Baileys | pairing | connector tests | end-to-end tests |\n|---|---|---|---|")
    for spec, results in rows:
        cells = [_cell(suite) for suite in results] or ["cannot be used"]
        echo(f"| {spec} | {' | '.join(cells + ['not run'] * (SUITES - len(cells)))} |")
    return int(any(len(results) < SUITES or any(suite.failures for suite in results) for _, results in rows))


def _try(spec: str) -> tuple[str, list[Results]]:
    echo(f"== Baileys {spec}")
    with tempfile.TemporaryDirectory(prefix="motte-drift-") as name:
        folder = Path(name)
        try:
            make_scratch(folder, spec)
        except InstallFailed as error:
            echo(error)
            return spec, []
        if why := _why_not_loaded(folder):
            echo(f"  the connector does not load: {why}")
            return spec, []
        pairing = _connector(folder, [PAIRING])
        if not pairing.passed or len(pairing.failures) > pairing.passed:
            return spec, [pairing]
        every = sorted(str(path.relative_to(folder)) for path in folder.glob("tests/connector/**/*.test.js"))
        return spec, [pairing, _connector(folder, every), _end_to_end(folder)]


def _why_not_loaded(folder: Path) -> str | None:
    """The error with which the connector's modules refuse this Baileys; None if they load."""
    modules = [f"./{path.relative_to(folder)}" for path in connector_modules(folder)]
    modules.remove("./connector/main.js")  # it would begin to work
    load = (
        "import { basename } from 'node:path'\n"
        f"for (const name of {json.dumps(modules)}) await import(name).catch(error => {{"
        "  process.stderr.write(`${basename(name)}: ${error.message}`); process.exit(1) })"
    )
    command = [".venv/bin/node", "--input-type=module", "--eval", load]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return None if done.returncode == 0 else (done.stderr.strip()[:500] or f"exit code {done.returncode}")


def _connector(folder: Path, tests: list[str]) -> Results:
    report = folder / "connector.xml"
    report.unlink(missing_ok=True)
    reporter = ["--test-reporter=junit", f"--test-reporter-destination={report}"]
    return _suite(folder, report, [".venv/bin/node", "--test", "--test-concurrency=2", *reporter, *tests])


def _end_to_end(folder: Path) -> Results:
    report = folder / "end_to_end.xml"
    pytest = [".venv/bin/python", "-m", "pytest", "-q", "-n", "2", "--dist=loadfile", f"--junitxml={report}"]
    return _suite(folder, report, [*pytest, "tests/end_to_end"])


def _suite(folder: Path, report: Path, command: list[str]) -> Results:
    try:
        subprocess.run(command, cwd=folder, capture_output=True, timeout=SUITE_TIMEOUT_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        echo(f"{command[0]} did not end within {SUITE_TIMEOUT_SECONDS} s")
    results = read_report(report)
    for failure in results.failures:
        echo(f"  {failure.name}: {failure.message}")
    return results


def _cell(results: Results) -> str:
    return f"{results.passed} passed, {len(results.failures)} failed"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
