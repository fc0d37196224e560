"""The bundle that an installation builds, with the real esbuild, in a copy of the connector."""

import json
import os
import re
import shutil
import signal
import subprocess
import threading
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

import pytest

from server.cli.doctor.finding import Verdict
from server.cli.doctor.installation import check_bundle
from server.cli.doctor.packages import CONNECTOR
from server.cli.install import bundler, esbuild
from server.cli.install.bundler import ensure_bundle
from server.cli.install.lock import lock_folder
from server.cli.install.npm import NpmFailed
from server.cli.serve.launch import NODE, ROOT
from server.core.bundle import (
    BUNDLE,
    MODULES,
    PUBLISHED,
    digest,
    fault_of,
    program,
    published_bundle,
    sources_digest,
)
from tests.cli.conftest import is_wrong


def build(connector: Path) -> list[str]:
    """Returns what was said."""
    said: list[str] = []
    ensure_bundle(connector, os.environ, said.append)
    return said


def test_this_folder_has_a_bundle_of_its_files() -> None:
    """`make install` built it: all tests that start a connector run on it."""
    assert program(CONNECTOR) == (BUNDLE, None)
    assert check_bundle().verdict is Verdict.OK


def test_a_bundle_is_built_once_and_again_after_a_file_has_changed(connector: Path) -> None:
    assert build(connector) == []
    first = (connector / BUNDLE).read_bytes()
    assert first == (CONNECTOR / BUNDLE).read_bytes()  # although it was built elsewhere
    moment = (connector / BUNDLE).stat().st_mtime_ns
    assert build(connector) == []
    assert (connector / BUNDLE).stat().st_mtime_ns == moment

    with (connector / MODULES).open("a") as main:
        main.write("\nprocess.title = 'changed'\n")
    assert fault_of(connector) == (f"was built from another {MODULES}", False)
    assert build(connector) == []
    assert b"changed" in (connector / BUNDLE).read_bytes()

    shutil.copy(CONNECTOR / MODULES, connector / MODULES)
    assert build(connector) == []
    assert (connector / BUNDLE).read_bytes() == first


def test_a_connector_that_cannot_be_bundled_runs_on_plain_modules_and_the_reason_is_shown(
    connector: Path,
) -> None:
    build(connector)
    (connector / MODULES).write_text("import { gone } from 'baileys'\ngone()\n")
    [said] = build(connector)
    assert re.search("could not be bundled: .*gone.* Connectors run on plain modules", said)
    assert program(connector)[0] == MODULES
    assert sorted(path.name for path in (connector / "bundle").iterdir()) == [
        "main.cjs",
        "main.cjs.map",
        "manifest.json",
    ]


def test_messages_of_another_shape_are_not_bundled(connector: Path) -> None:
    """As in a new Baileys, whose files are written by another version of protobufjs."""
    deferral = connector / "bundler" / "deferred_messages.js"
    deferral.write_text(deferral.read_text().replace("const FEWEST = 500", "const FEWEST = 5000"))
    [said] = build(connector)
    assert "messages of WAProto can be deferred" in said


def test_without_esbuild_connectors_run_on_plain_modules(
    connector: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def npm_ci(*_: object, **__: object) -> None:
        raise NpmFailed("npm cannot reach its registry")

    monkeypatch.setattr(esbuild, "npm_ci", npm_ci)
    (connector / "bundler" / "node_modules").unlink()
    [said] = build(connector)
    assert "could not be bundled: npm cannot reach its registry. Connectors run on plain modules" in said
    assert program(connector)[0] == MODULES


#: Kills the build at one of its steps: a write of half a file, or the name that follows.
KILL = """
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
const [step, ending] = %s
const die = () => process.kill(process.pid, 'SIGKILL')
const { writeFileSync, renameSync } = fs
fs.writeFileSync = (path, content, options) => {
  if (step === 'write' && path.includes(`/${ending}.`)) {
    writeFileSync(path, content.slice(0, content.length / 2), options)
    die()
  }
  writeFileSync(path, content, options)
}
fs.renameSync = (from, to) => {
  renameSync(from, to)
  if (step === 'name' && to.endsWith(`/${ending}`)) die()
}
syncBuiltinESMExports()
"""

LEFT = ["main.cjs", "main.cjs.map", "manifest.json"]


@pytest.mark.parametrize(
    "step", [("write", "main.cjs.map"), ("name", "main.cjs"), ("write", "manifest.json")], ids=str
)
def test_after_a_kill_of_a_build_connectors_run_plain_modules_and_the_next_build_is_whole(
    connector: Path, step: tuple[str, str]
) -> None:
    (connector / "bundle").mkdir()
    for name in LEFT:  # of other files
        (connector / "bundle" / name).write_text("{}")
    preload = f"data:text/javascript,{quote(KILL % json.dumps(step))}"
    command = [str(NODE), "--import", preload, str(connector / "bundler" / "build.js")]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    assert program(connector)[0] == MODULES
    assert build(connector) == []
    assert program(connector) == (BUNDLE, None)
    assert names(connector) == LEFT


def names(connector: Path) -> list[str]:
    return sorted(path.name for path in (connector / "bundle").iterdir())


def test_what_killed_builds_left_is_in_the_way_of_none_and_goes(connector: Path) -> None:
    (connector / "bundle").mkdir()
    for name in ("main.cjs.draft", "main.cjs.map.draft", "main.cjs.4711", "manifest.json.1"):
        (connector / "bundle" / name).touch()
    (connector / "bundle" / "notes.txt").touch()  # nobody knows whose it is
    assert build(connector) == []
    assert names(connector) == [*LEFT, "notes.txt"]


def test_of_two_builds_at_once_the_second_waits_and_takes_what_the_first_has_built(
    connector: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = []
    monkeypatch.setattr(bundler, "_run", lambda *_, **__: runs.append(1))
    waits, said = threading.Event(), []

    def say(sentence: str) -> None:
        said.append(sentence)
        waits.set()

    with lock_folder(connector / "bundler", said.append):
        second = threading.Thread(target=ensure_bundle, args=(connector, os.environ, say))
        second.start()
        assert waits.wait(20)
        shutil.copytree(CONNECTOR / "bundle", connector / "bundle")
    second.join()
    assert said == ["Waiting for another installation"]
    assert runs == []
    assert program(connector) == (BUNDLE, None)


def test_the_doctor_warns_of_a_missing_and_of_a_stale_bundle_and_calls_a_changed_one_wrong(
    connector: Path,
) -> None:
    missing = check_bundle(connector)
    assert missing.verdict is Verdict.WARNING
    assert missing.detail.startswith("it was not built: connectors run on plain modules")

    build(connector)
    ok = r"(of the installed files|the published one), by esbuild \d+\.\d+\.\d+"
    assert re.fullmatch(ok, check_bundle(connector).detail)

    (connector / "settings.js").write_text("// changed")
    stale = check_bundle(connector)
    assert stale.verdict is Verdict.WARNING
    assert "was built from another settings.js" in stale.detail

    (connector / BUNDLE).write_text("// changed")
    assert is_wrong(check_bundle(connector), "is not as it was built")


def test_the_doctor_finds_a_forged_bundle_whose_manifest_was_forged_too(connector: Path) -> None:
    """With files of no release, too: then it builds the bundle again, and compares."""
    with (connector / "settings.js").open("a") as settings:
        settings.write("// between two releases\n")
    build(connector)
    assert check_bundle(connector, connector).detail.startswith("of the installed files")
    with (connector / BUNDLE).open("a") as code:
        code.write("// forged")
    manifest = json.loads((connector / "bundle" / "manifest.json").read_bytes())
    manifest["outputs"]["main.cjs"] = sha256((connector / BUNDLE).read_bytes()).hexdigest()
    (connector / "bundle" / "manifest.json").write_text(json.dumps(manifest))
    assert fault_of(connector) is None
    assert is_wrong(check_bundle(connector, connector), "is not what the installed files give")
    (connector / "bundler" / "node_modules").unlink()
    unknown = check_bundle(connector, connector)
    assert unknown.verdict is Verdict.WARNING
    assert "cannot be built again to compare: node_modules/@esbuild/" in unknown.detail


def test_what_esbuild_makes_of_published_files_must_be_the_published_bundle(connector: Path) -> None:
    """Otherwise each start would refuse what the installation has built."""
    published = {"sources": sources_digest(connector), "bundle": "0" * 64}
    (connector / PUBLISHED).write_text(json.dumps(published))
    [said] = build(connector)
    assert "could not be bundled: what was built is not the one that was published" in said
    assert program(connector)[0] == MODULES


def test_a_release_publishes_the_bundle_of_its_files() -> None:
    is_release = "\n## Unreleased" not in (ROOT / "CHANGELOG.md").read_text()
    if is_release:
        command = "run: python -m tests.cli.digests bundle"
        assert published_bundle(CONNECTOR) == digest(CONNECTOR, BUNDLE), command
    assert published_bundle(CONNECTOR) in (None, digest(CONNECTOR, BUNDLE))


def test_a_bundle_has_no_folder_of_the_host_and_keeps_the_names_of_errors() -> None:
    code = (CONNECTOR / BUNDLE).read_text()
    assert str(ROOT) not in code
    for name in ("BadSetting", "WrongKind", "CertificateRejected", "DatabaseCorrupted", "SignalError"):
        assert re.search(rf"\b{name}=class( {name})? extends|\bclass {name} extends", code), name
    assert max(map(len, code.splitlines())) < 20_000


def test_an_error_of_the_bundle_is_reported_as_one_of_plain_modules() -> None:
    shown = [
        subprocess.run([NODE, CONNECTOR / name, "not an id"], capture_output=True, text=True, check=False)
        for name in (BUNDLE, MODULES)
    ]
    [bundled, plain] = [(ended.returncode, ended.stdout, ended.stderr) for ended in shown]
    assert bundled == plain
    assert "error=BadSetting" in bundled[2] or "BadSetting" in bundled[2]


def test_the_bundle_has_one_copy_of_what_the_connector_changes_in_its_libraries() -> None:
    """Each of these is replaced or limited by the connector, which must reach the one that Baileys uses."""
    code = (CONNECTOR / BUNDLE).read_text()
    for part in ("TOKEN_MAP=", "SenderKeyMessage=class", "WA_CERT_DETAILS=", "websocket.setSocket("):
        assert code.count(part) == 1, part
    assert "AGFzbQ" not in code  # WebAssembly
