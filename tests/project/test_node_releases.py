"""Which releases of Node the weekly job fails for."""

from tests.tools.node_releases import Release, mending


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
