"""What a shell completes."""

import asyncio
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from aiohttp import web
from click.testing import CliRunner
from pytest_aiohttp.plugin import AiohttpServer

from server.cli import main
from server.core.paths import StateFolder
from store.records.sessions import Status
from tests.cli.conftest import Run
from tests.cli.samples import add, furnish
from tests.cli.sessions.api import session
from tests.support.motte_api import api_of_a_motte
from tests.support.newcomer import printed_blocks
from tests.support.shell import page


@pytest.fixture
def motte(folder: StateFolder) -> StateFolder:
    """A stopped Motte with three sessions."""
    furnish(folder)
    for session_id in ("cafe", "shop", "shop-2"):
        add(folder, session_id, Status.STOPPED)
    return folder


def completed(*words: str) -> list[str]:
    """What bash is offered for the last word."""
    line = " ".join(("motte", *words))
    environ = {"_MOTTE_COMPLETE": "bash_complete", "COMP_WORDS": line, "COMP_CWORD": str(len(words))}
    shown = CliRunner().invoke(main, prog_name="motte", env=environ)
    assert shown.exit_code == 0, shown.output
    return [line.partition(",")[2] for line in shown.stdout.splitlines() if line]


@pytest.mark.parametrize(
    "command",
    [
        *(
            ("sessions", verb)
            for verb in (
                *("show", "qr", "start", "stop", "restart", "logout", "delete", "update", "rename"),
                *("events", "scan-link", "pairing-code"),
            )
        ),
        ("logs",),
        ("keys", "create", "till", "--session"),
    ],
)
def test_ids_of_sessions_are_completed(motte: StateFolder, command: tuple[str, ...]) -> None:
    assert completed(*command, "s") == ["shop", "shop-2"]
    assert completed(*command, "x") == []


def test_ids_are_those_of_the_state_folder_that_was_named(motte: StateFolder, tmp_path: Path) -> None:
    other = StateFolder(tmp_path / "other")
    furnish(other)
    add(other, "stand", Status.STOPPED)
    assert completed("sessions", "show", "--state", str(other.path), "s") == ["stand"]
    assert completed("sandbox", "scan", "--state", str(other.path), "s") == ["stand"]


def test_names_of_keys_and_words_of_settings_are_completed(run: Run, motte: StateFolder) -> None:
    run("keys", "create", "till", "--scope", "admin")
    assert completed("keys", "revoke", "t") == ["till"]
    assert completed("serve", "--access-log", "") == ["changes", "all", "none"]
    assert completed("serve", "--log-format", "j") == ["json"]
    assert completed("serve", "--state", "/tm") == ["/tm"]


def test_nothing_is_completed_and_nothing_made_without_a_motte(folder: StateFolder) -> None:
    assert completed("sessions", "show", "") == []
    assert completed("keys", "revoke", "") == []
    assert not folder.path.exists()


async def test_ids_of_a_motte_elsewhere_are_completed(
    motte: StateFolder, aiohttp_server: AiohttpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def sessions(request: web.Request) -> web.Response:
        return web.json_response({"items": [session("station")], "nextCursor": None})

    app = api_of_a_motte()
    app.add_routes([web.get("/sessions", sessions)])
    server = await aiohttp_server(app)
    monkeypatch.setenv("MOTTE_API_KEY", "motte_key")
    monkeypatch.setenv("MOTTE_URL", str(server.make_url("")))
    assert await asyncio.to_thread(completed, "sessions", "show", "s") == ["station"]
    await server.close()
    assert await asyncio.to_thread(completed, "sessions", "show", "s") == []


def test_the_docs_install_the_script_of_each_shell(tmp_path: Path) -> None:
    (block,) = [block for block in printed_blocks(page("commands.md")) if "_MOTTE_COMPLETE" in block]
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    subprocess.run(["bash", "-euc", block], check=True, env={"HOME": str(tmp_path), "PATH": path})
    for file in (
        ".local/share/bash-completion/completions/motte",
        ".local/share/zsh/site-functions/_motte",
        ".config/fish/completions/motte.fish",
    ):
        assert "_MOTTE_COMPLETE" in (tmp_path / file).read_text()


#: Asks a shell what it would offer for `motte sessions show s`.
SHELLS = {
    "bash": "COMP_WORDS=(motte sessions show s); COMP_CWORD=3; _motte_completion motte; echo ${COMPREPLY[@]}",
    "fish": 'complete -C "motte sessions show s" | string split -f1 \\t | string join " "',
}


@pytest.mark.parametrize("shell", SHELLS)
def test_a_shell_completes_with_the_script_that_the_docs_install(
    motte: StateFolder, tmp_path: Path, shell: str
) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"there is no {shell} on this host")
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "motte").symlink_to(Path(sys.executable).with_name("motte"))
    load = f"_MOTTE_COMPLETE={shell}_source motte > script; source ./script"
    shown = subprocess.run(
        [shell, "-c", f'PATH="{programs}:$PATH"; export PATH; {load}; {SHELLS[shell]}']
        if shell == "bash"
        else [shell, "-c", f"set -x PATH {programs} $PATH; {load}; {SHELLS[shell]}"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert shown.stdout.split() == ["shop", "shop-2"], shown.stderr
