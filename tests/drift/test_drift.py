"""The tool that tries other versions of Baileys: what it installs, and how it reads results."""

import json
from pathlib import Path

from tests.drift.results import Failure, read_report
from tests.drift.scratch import ROOT, with_baileys

PACKAGE = (ROOT / "connector" / "package.json").read_text()


def test_another_version_changes_baileys_and_nothing_else() -> None:
    before, after = json.loads(PACKAGE), json.loads(with_baileys(PACKAGE, "7.0.0-rc13"))
    assert after.pop("overrides") == {"libsignal": "$libsignal"}
    assert after["dependencies"].pop("baileys") == "7.0.0-rc13"
    before["dependencies"].pop("baileys")
    assert after == before


def test_a_tarball_is_taken_from_where_it_lies(tmp_path: Path) -> None:
    tarball = tmp_path / "baileys.tgz"
    tarball.touch()
    wanted = json.loads(with_baileys(PACKAGE, str(tarball)))
    assert wanted["dependencies"]["baileys"] == f"file:{tarball}"


def test_failures_of_both_languages_are_read_with_their_first_line(tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    report.write_text(
        """<testsuites><testcase name="links"/>
        <testcase name="opens"><failure message="expected 1&#10;got 2">stack</failure></testcase>
        <testcase name="sends"><error>broke off</error></testcase>
        <testcase name="waits"><skipped/></testcase></testsuites>"""
    )
    assert read_report(report) == (1, [Failure("opens", "expected 1"), Failure("sends", "broke off")])


def test_a_suite_without_a_report_has_failed(tmp_path: Path) -> None:
    (failure,) = read_report(tmp_path / "missing.xml").failures
    assert failure.name == "the suite"
