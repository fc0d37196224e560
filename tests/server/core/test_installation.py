"""Paths of the program's own files."""

from pathlib import Path

import pytest

from server.core import installation
from server.core.installation import cache_folder, connector_files, digest, program_folder


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"MOTTE_CACHE": "/srv/cache", "XDG_CACHE_HOME": "/x", "HOME": "/home/a"}, "/srv/cache"),
        ({"XDG_CACHE_HOME": "/x", "HOME": "/home/a"}, "/x/motte"),
        ({"XDG_CACHE_HOME": "relative", "HOME": "/home/a"}, "/home/a/.cache/motte"),
        ({"MOTTE_CACHE": "", "HOME": "/home/a"}, "/home/a/.cache/motte"),
    ],
)
def test_the_cache_is_where_the_environment_says(environ: dict[str, str], expected: str) -> None:
    assert cache_folder(environ) == Path(expected)


def test_without_a_home_the_cache_is_in_the_home_of_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installation, "_home_of_user", lambda: "/home/b")
    assert cache_folder({}) == Path("/home/b/.cache/motte")
    monkeypatch.setattr(installation, "_home_of_user", lambda: "")
    assert cache_folder({}) is None


def test_a_source_folder_runs_itself() -> None:
    assert program_folder({"MOTTE_CACHE": "/srv/cache"}) == Path(__file__).parents[3]


def test_a_wheel_runs_a_copy_whose_name_changes_with_the_connectors_files(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    connector = tmp_path / "connector"
    connector.mkdir()
    (connector / "main.js").write_text("1")
    monkeypatch.setattr(installation, "IS_WHEEL", True)
    monkeypatch.setattr(installation, "FILES", tmp_path)
    first = program_folder({"MOTTE_CACHE": "/srv/cache"})
    assert first == Path(f"/srv/cache/connector-{digest(connector)}")
    (connector / "main.js").write_text("2")
    assert program_folder({"MOTTE_CACHE": "/srv/cache"}) != first


def test_the_connectors_files_are_those_that_the_repository_has_for_the_run_time() -> None:
    names = connector_files(Path(__file__).parents[3] / "connector")
    assert {"main.js", ".npmrc", "package-lock.json", "package-digests.json", "reasons.json"} <= set(names)
    assert not [name for name in names if name.startswith(("node_modules/", "tools/"))]
