"""What npm says, as sentences; and what npm is given."""

import os
from pathlib import Path

import pytest

from server.cli.install import npm
from server.cli.install.npm import NpmFailed, npm_ci, sentence


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("ENOTFOUND", "cannot reach its registry"),
        ("ECONNREFUSED", "cannot reach its registry"),
        ("EAI_AGAIN", "cannot reach its registry"),
        ("ETIMEDOUT", "cannot reach its registry"),
        ("SELF_SIGNED_CERT_IN_CHAIN", "NODE_EXTRA_CA_CERTS"),
        ("E403", "refused the request"),
        ("E404", "refused the request"),
        ("EINTEGRITY", "another hash than package-lock.json"),
        ("ENOSPC", "disk of the cache folder is full"),
    ],
)
def test_a_known_error_of_npm_becomes_a_sentence_that_says_what_to_do(code: str, said: str) -> None:
    shown = (
        f"npm warn Unknown user config\nnpm error code {code}\nnpm error errno -111\nnpm error long words\n"
    )
    assert said in sentence(shown, 1)
    assert sentence(shown, 1).endswith(f"({code})")


def test_an_unknown_error_is_shown_with_npms_first_line() -> None:
    shown = "npm error code EODD\nnpm error Something odd\nnpm error more\n"
    assert sentence(shown, 7) == "npm ended with exit code 7: Something odd"
    assert sentence("", -9) == "npm ended with exit code -9"


def stand_in(monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    monkeypatch.setattr(npm, "_COMMAND", ("sh", "-c", script))


def test_npm_gets_no_setting_of_motte_and_a_cache_of_its_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    stand_in(monkeypatch, "env > seen")
    environ = {"PATH": os.environ["PATH"], "MOTTE_API_KEY": "secret", "HTTPS_PROXY": "http://p:1"}
    with (tmp_path / "lock").open("w") as lock:
        npm_ci(tmp_path, cache=tmp_path / "npm", lock_descriptor=lock.fileno(), environ=environ)
    seen = (tmp_path / "seen").read_text()
    assert "secret" not in seen
    assert "HTTPS_PROXY=http://p:1" in seen
    assert f"npm_config_cache={tmp_path / 'npm'}" in seen


def test_npm_runs_with_the_node_of_the_operator(tmp_path: Path) -> None:
    node = tmp_path / "node"
    node.write_text('#!/bin/sh\necho "$@" > seen\n')
    node.chmod(0o755)
    environ = {"PATH": os.environ["PATH"], "MOTTE_NODE": str(node)}
    with (tmp_path / "lock").open("w") as lock:
        npm_ci(tmp_path, cache=tmp_path / "npm", lock_descriptor=lock.fileno(), environ=environ)
    program, command, *_ = (tmp_path / "seen").read_text().split()
    assert (Path(program).name, command) == ("npm-cli.js", "ci")


def test_a_registry_that_cannot_be_reached_is_said_by_the_real_npm(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text('{"name": "x", "dependencies": {"ws": "1.0.0"}}')
    package = '{"version": "1.0.0", "integrity": "sha512-AAAA"}'
    (tmp_path / "package-lock.json").write_text(
        '{"name": "x", "lockfileVersion": 3, "packages": '
        f'{{"": {{"dependencies": {{"ws": "1.0.0"}}}}, "node_modules/ws": {package}}}}}'
    )
    environ = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "npm_config_registry": "http://127.0.0.1:9/",
    }
    with (tmp_path / "lock").open("w") as lock, pytest.raises(NpmFailed, match="cannot reach its registry"):
        npm_ci(tmp_path, cache=tmp_path / "npm", lock_descriptor=lock.fileno(), environ=environ)
