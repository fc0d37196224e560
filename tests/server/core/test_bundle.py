"""Whether the connector's bundle is of the files that are there."""

import json
from hashlib import sha256
from pathlib import Path

import pytest

from server.core.bundle import BUNDLE, MODULES, PUBLISHED, Fault, fault_of, program, sources_digest

SOURCES = ("main.js", "node_modules/baileys/lib/index.js")


def digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


@pytest.fixture
def connector(tmp_path: Path) -> Path:
    """A bundle that was built from two files."""
    for name in (*SOURCES, BUNDLE):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    write_manifest(
        tmp_path, outputs={"main.cjs": digest(BUNDLE)}, sources={name: digest(name) for name in SOURCES}
    )
    return tmp_path


def write_manifest(connector: Path, **manifest: object) -> None:
    (connector / "bundle" / "manifest.json").write_text(json.dumps({"esbuild": "0.1.2", **manifest}))


def test_a_bundle_of_the_present_files_is_what_connectors_run(connector: Path) -> None:
    assert program(connector) == (BUNDLE, None)


@pytest.mark.parametrize("name", SOURCES)
def test_after_a_file_of_the_connector_or_of_a_package_changed_connectors_run_plain_modules(
    connector: Path, name: str
) -> None:
    (connector / name).write_text("changed")
    chosen, fault = program(connector)
    assert chosen == MODULES
    assert fault is not None
    assert fault == (f"was built from another {name}", False)


def test_a_file_that_is_gone_counts_as_changed(connector: Path) -> None:
    (connector / SOURCES[1]).unlink()
    assert fault_of(connector) == (f"was built from another {SOURCES[1]}", False)


def test_a_bundle_that_was_changed_is_damaged_and_not_run(connector: Path) -> None:
    with (connector / BUNDLE).open("a") as bundle:
        bundle.write(" ")
    assert fault_of(connector) == ("is not as it was built", True)
    (connector / BUNDLE).unlink()
    assert fault_of(connector) == ("is not as it was built", True)


def test_without_a_manifest_nothing_was_built(connector: Path) -> None:
    (connector / "bundle" / "manifest.json").unlink()
    assert fault_of(connector) == ("was not built", False)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"outputs": 1, "sources": 1}', "\0"])
def test_a_manifest_that_cannot_be_read_is_a_reason(connector: Path, text: str) -> None:
    (connector / "bundle" / "manifest.json").write_text(text)
    assert fault_of(connector) == ("has no manifest that can be read", False)


def test_a_manifest_that_names_no_bundle_or_no_source_vouches_for_nothing(connector: Path) -> None:
    sources = {name: digest(name) for name in SOURCES}
    write_manifest(connector, outputs={}, sources=sources)
    assert fault_of(connector) == ("is not as it was built", True)
    write_manifest(connector, outputs={"main.cjs": digest(BUNDLE)}, sources={})
    assert fault_of(connector) == ("was built from another program", False)


FORGED = Fault("is not the one that was published", is_damaged=True)


def publish(connector: Path) -> None:
    """Publishes the bundle that is there, as a release does."""
    published = {"sources": sources_digest(connector), "bundle": digest(BUNDLE)}
    (connector / PUBLISHED).write_text(json.dumps(published))


def forge(connector: Path) -> None:
    """Writes another bundle, and a manifest that names it and as few sources as possible."""
    (connector / BUNDLE).write_text("forged")
    write_manifest(
        connector, outputs={"main.cjs": digest("forged")}, sources={SOURCES[0]: digest(SOURCES[0])}
    )


def test_the_published_bundle_is_what_connectors_run(connector: Path) -> None:
    publish(connector)
    assert program(connector) == (BUNDLE, None)


def test_a_manifest_does_not_vouch_for_another_bundle_than_was_published(connector: Path) -> None:
    publish(connector)
    forge(connector)
    assert program(connector) == (MODULES, FORGED)


def test_what_was_published_is_read_where_the_program_was_installed_not_where_it_runs(
    connector: Path, tmp_path: Path
) -> None:
    """As in a wheel: its own files are in the folder of the Python package, and run in the cache."""
    publish(connector)
    installed = tmp_path / "installed"
    installed.mkdir()
    for name in (SOURCES[0], PUBLISHED):
        (installed / name).write_text((connector / name).read_text())
    assert program(connector, installed) == (BUNDLE, None)
    forge(connector)
    (connector / PUBLISHED).unlink()
    assert fault_of(connector) is None
    assert fault_of(connector, installed) == FORGED


def test_between_two_releases_the_files_are_others_and_the_manifest_decides(connector: Path) -> None:
    publish(connector)
    (connector / "main.js").write_text("changed")
    write_manifest(connector, outputs={"main.cjs": digest(BUNDLE)}, sources={"main.js": digest("changed")})
    assert program(connector) == (BUNDLE, None)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"sources": 1, "bundle": 2, "more": 3}'])
def test_a_published_digest_that_cannot_be_read_counts_as_none(connector: Path, text: str) -> None:
    (connector / PUBLISHED).write_text(text)
    assert fault_of(connector) is None


def test_files_of_the_sandbox_and_the_digest_itself_decide_nothing(connector: Path) -> None:
    before = sources_digest(connector)
    (connector / "sandbox").mkdir()
    (connector / "sandbox" / "server.js").touch()
    publish(connector)
    assert sources_digest(connector) == before
    (connector / "settings.js").touch()
    assert sources_digest(connector) != before
