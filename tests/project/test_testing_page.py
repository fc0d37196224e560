"""docs/explanation/testing.md names what the Makefile and the script of continuous integration do."""

import re
import shlex

from tests.project.packages import ROOT

PAGE = (ROOT / "docs" / "explanation" / "testing.md").read_text()
MAKEFILE = (ROOT / "Makefile").read_text()
CI = (ROOT / ".ci" / "run").read_text()

#: Commands of the Makefile that check nothing.
OTHERS = {"help", "install", "demo", "run", "lock", "clean"}


def test_every_command_that_checks_has_a_row_and_no_other_has() -> None:
    commands = set(re.findall(r"^([a-z]+):.*## ", MAKEFILE, re.MULTILINE))
    assert set(re.findall(r"^\| `make ([a-z]+)", PAGE, re.MULTILINE)) == commands - OTHERS


def test_what_a_change_must_pass_is_what_the_script_runs() -> None:
    [said] = re.findall(r"^`\.ci/run` is what a change must pass: (.*)\.$", PAGE, re.MULTILINE)
    runs = [words[1:] for line in CI.splitlines() if "echo" not in line and (words := _made(line))]
    assert sorted(re.findall(r"`make ([a-z]+)`", said)) == sorted(target for target, *_ in runs)
    [chaos] = [rest for target, *rest in runs if target == "chaos"]
    assert chaos == ["CHAOS=--kills 40"]
    assert said.endswith("`make chaos` with 40 kills")


def test_make_slow_and_make_test_run_as_many_random_examples_as_the_page_says() -> None:
    [few] = re.findall(r"^ +`make test` runs (\d+) of them\.$", PAGE, re.MULTILINE)
    assert f"FEW = {few}\n" in (ROOT / "tests" / "api" / "test_machine.py").read_text()


def _made(line: str) -> list[str]:
    """The words of a line from `make` on; none if it runs no make."""
    words = shlex.split(line, comments=True)
    return words[words.index("make") :] if "make" in words and "apt_install" not in words else []
