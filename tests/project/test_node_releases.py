"""What the weekly job fails for: releases of Node, known faults of packages, a source that is silent."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from server.cli.common.node import TESTED, text
from tests.project.packages import ROOT
from tests.tools.node_releases import Release, mending

#: A list of releases with one that mends faults of the pinned Node.
NEWER = json.dumps([{"version": f"v{TESTED[0]}.{TESTED[1] + 1}.0", "date": "2026-12-01", "security": True}])


def release(version: str, *, security: bool) -> Release:
    return {"version": version, "date": "2026-10-21", "security": security}


def test_a_newer_release_of_the_same_major_version_that_mends_faults_is_found() -> None:
    newer = release("v24.20.1", security=True)
    releases = [
        release("v25.3.0", security=True),
        release("v24.21.0", security=False),
        newer,
        release("v24.19.0", security=True),
        release("v24.9.0", security=True),
        release("v0.12.18", security=True),
    ]
    assert mending(releases, (24, 19, 0)) == [newer]


@pytest.mark.parametrize(
    ("audit", "releases", "code"),
    [
        ("exit 0", "echo '[]'", 0),
        ("exit 1", "echo '[]'", 1),
        ("exit 0", f"echo '{NEWER}'", 1),
        ("exit 0", "exit 7", 1),
        ("exit 0", "echo '[]'; exit 18", 1),
    ],
    ids=["no faults", "faults of a package", "faults of Node", "no list of Node", "half a list of Node"],
)
def test_the_weekly_job_fails_for_faults_and_for_a_source_that_cannot_be_reached(
    tmp_path: Path, audit: str, releases: str, code: int
) -> None:
    """The programs that ask the internet are replaced."""
    for name, script in (("make", audit), ("curl", releases)):
        (tmp_path / name).write_text(f"#!/bin/sh\necho {name} >&2\n{script}\n")
        (tmp_path / name).chmod(0o755)
    ended = subprocess.run(
        [ROOT / ".ci" / "audit"],
        env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == code, ended.stderr
    assert {"make", "curl"} <= set(ended.stderr.split())  # both are asked, whatever the first one says
    assert (f"Node {text(TESTED)} has faults" in ended.stdout) == (releases == f"echo '{NEWER}'")
