"""The files that GitHub and editors read."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
GITHUB = ROOT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
WORKFLOW = GITHUB / "workflows" / "ci.yml"
AUDIT = GITHUB / "workflows" / "audit.yml"
FORMS = sorted(GITHUB.glob("ISSUE_TEMPLATE/*_*.yml"))

#: Elements of an issue form, as GitHub's syntax for issue forms names them.
ELEMENTS = {"markdown", "input", "textarea", "dropdown", "checkboxes"}


#: What tools leave in the folder, next to what begins with a dot.
MADE_HERE = {"build", "motte.egg-info", "node_modules"}


def read(file: Path) -> Any:
    return yaml.safe_load(file.read_text())


def steps(workflow: Path) -> list[dict[str, Any]]:
    """The steps of every job."""
    return [step for job in read(workflow)["jobs"].values() for step in job["steps"]]


@pytest.mark.parametrize(
    "file", sorted([*GITHUB.rglob("*.yml"), *ROOT.glob(".*.yaml")]), ids=lambda file: str(file.name)
)
def test_yaml_is_well_formed(file: Path) -> None:
    assert isinstance(read(file), dict)


def test_the_workflow_runs_the_script_of_continuous_integration_on_every_python_that_motte_supports() -> None:
    job = read(WORKFLOW)["jobs"]["test"]
    assert job["strategy"]["matrix"]["python"] == ["3.11", "3.12", "3.13", "3.14"]
    assert [step["run"] for step in steps(WORKFLOW) if "run" in step] == [".ci/run"]


def test_known_faults_of_what_is_pinned_are_looked_for_each_week() -> None:
    assert read(AUDIT)[True]["schedule"] == [{"cron": "17 5 * * 1"}]  # YAML 1.1 reads the key `on` as true
    assert [step["run"] for step in steps(AUDIT) if "run" in step] == [".ci/audit"]


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda file: file.name)
def test_a_workflow_may_only_read_and_keeps_no_credentials(workflow: Path) -> None:
    assert read(workflow)["permissions"] == {"contents": "read"}
    checkout = next(step for step in steps(workflow) if "checkout" in step.get("uses", ""))
    assert checkout["with"]["persist-credentials"] is False


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda file: file.name)
def test_actions_are_pinned_by_commit(workflow: Path) -> None:
    used = re.findall(r"uses: (.*)", workflow.read_text())
    assert used
    assert all(re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action) for action in used)


def test_the_map_in_the_readme_names_every_folder() -> None:
    rows = re.findall(r"^\| `(\w+)/` \|", (ROOT / "README.md").read_text(), re.MULTILINE)
    folders = {path.name for path in ROOT.iterdir() if path.is_dir() and path.name[0] not in "._"}
    assert set(rows) == folders - MADE_HERE


@pytest.mark.parametrize("file", FORMS, ids=lambda file: file.name)
def test_an_issue_form_has_what_github_requires(file: Path) -> None:
    form = read(file)
    assert form["name"]
    assert form["description"]
    assert {element["type"] for element in form["body"]} <= ELEMENTS
    named = [element for element in form["body"] if element["type"] != "markdown"]
    assert all(element["attributes"]["label"] for element in named)
    assert len({element["id"] for element in named}) == len(named)
