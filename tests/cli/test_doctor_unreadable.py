"""`motte doctor` on a state folder of which it may not read a part."""

from pathlib import Path

import pytest

from server.cli.doctor import command
from server.cli.doctor.finding import Finding, Verdict
from server.cli.doctor.state_folder import check_permissions
from server.core.paths import StateFolder


def test_a_check_that_may_not_read_says_what_and_is_wrong() -> None:
    def check() -> Finding:
        raise PermissionError(13, "Permission denied", "/state/cache/file")

    finding = command.attempt("whatsapp version", check)
    assert finding.verdict is Verdict.WRONG
    assert finding.check == "whatsapp version"
    assert "/state/cache/file" in finding.detail


def test_a_folder_that_can_be_listed_and_not_entered_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tmp_path.chmod(0o700)
    (tmp_path / "cache").mkdir(mode=0o700)
    hidden = tmp_path / "cache" / "file"
    hidden.touch(mode=0o600)
    lstat = Path.lstat

    def refuse(path: Path) -> object:
        if path == hidden:
            raise PermissionError(13, "Permission denied", str(path))
        return lstat(path)

    monkeypatch.setattr(Path, "lstat", refuse)
    finding = check_permissions(StateFolder(tmp_path))
    assert finding.verdict is Verdict.WRONG
    assert str(hidden) in finding.detail


def test_whether_a_sandbox_stopped_is_not_known_of_a_folder_that_cannot_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> bool:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(command, "is_sandbox", refuse)
    assert not command.is_stopped_sandbox(StateFolder(tmp_path))
