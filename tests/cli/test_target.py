"""Commands that use a Motte elsewhere."""

import asyncio
import json
import os
import ssl
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import click
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from click.testing import CliRunner, Result
from pytest_aiohttp.plugin import AiohttpServer

from server.cli import main
from server.cli.common.client import MAX_RESPONSE_BYTES
from server.core.paths import StateFolder
from server.core.settings.environment import read
from store.records.sessions import Status
from tests.cli.conftest import Run
from tests.cli.samples import add, furnish, ids
from tests.cli.sessions.api import session
from tests.cli.test_commands import COMMANDS
from tests.support.motte_api import api_of_a_motte

CERTIFICATE = Path(__file__).parents[1] / "support" / "self_signed.pem"

#: How the names of commands begin that can use a Motte elsewhere.
THROUGH_THE_API = ("motte sessions ", "motte webhooks ", "motte send", "motte messages", "motte tail")

#: Keys that tests give in different places.
FIRST_KEY, IN_ENVIRONMENT, IN_FILE = "motte_first", "motte_environment", "motte_file"


class FakeApi:
    """Answers each request, and remembers which key it had."""

    def __init__(self) -> None:
        self.keys: list[str | None] = []
        self.paths: list[str] = []
        self.answer: Callable[[], web.StreamResponse] = lambda: web.json_response(session())

    def app(self) -> web.Application:
        app = api_of_a_motte()
        app.router.add_route("*", "/{path:.*}", self._respond)
        return app

    async def _respond(self, request: web.Request) -> web.StreamResponse:
        self.keys.append(request.headers.get("Authorization"))
        self.paths.append(request.path)
        return self.answer()


@pytest.fixture
def api() -> FakeApi:
    return FakeApi()


@pytest.fixture
async def url(api: FakeApi, folder: StateFolder, aiohttp_server: AiohttpServer) -> str:
    """Its address. The state folder of this host has a key of its own."""
    folder.path.mkdir()
    folder.admin_key.write_text(f"{FIRST_KEY}\n")
    server: TestServer = await aiohttp_server(api.app())
    return str(server.make_url("")).rstrip("/")


async def motte(*arguments: str, answers: str | None = None) -> Result:
    return await asyncio.to_thread(CliRunner().invoke, main, arguments, input=answers)


async def test_the_first_key_of_this_host_is_never_sent_elsewhere(api: FakeApi, url: str) -> None:
    result = await motte("sessions", "show", "shop", "--url", url)
    assert (result.exit_code, api.keys) == (1, [])
    assert "put it into MOTTE_API_KEY, or name its file with --key-file" in result.stderr
    assert FIRST_KEY not in result.output


async def test_a_key_file_comes_before_the_environment(
    api: FakeApi, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "key"
    file.write_text(f"{IN_FILE}\n")
    monkeypatch.setenv("MOTTE_API_KEY", IN_ENVIRONMENT)
    monkeypatch.setenv("MOTTE_URL", f"{url}/")
    assert (await motte("sessions", "stop", "shop")).exit_code == 0
    assert (await motte("sessions", "stop", "shop", "--key-file", str(file))).exit_code == 0
    assert api.keys == [f"Bearer {IN_ENVIRONMENT}", f"Bearer {IN_FILE}"]


@pytest.mark.parametrize("content", ["", "two words", "caf\N{LATIN SMALL LETTER E WITH ACUTE}", None])
async def test_a_file_without_a_key_is_an_error_that_does_not_show_it(
    api: FakeApi, url: str, tmp_path: Path, content: str | None
) -> None:
    file = tmp_path / "key"
    if content is not None:
        file.write_text(content)
    result = await motte("sessions", "show", "shop", "--url", url, "--key-file", str(file))
    assert (result.exit_code, api.keys) == (1, [])
    assert f"{file}" in result.stderr
    assert "two words" not in result.output


@pytest.mark.parametrize(
    "wrong",
    [
        "http://10.0.0.1:8090",
        "http://motte.example.org",
        "http://127.0.0.1.example.org",
        "http://localhost.example.org",
        "ftp://motte.example.org",
        "https://ann:secret@motte.example.org",
        "https://motte.example.org/?key=1",
        "motte.example.org",
    ],
)
def test_a_url_without_tls_is_refused_unless_it_is_of_this_host(
    run: Run, monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    monkeypatch.setenv("MOTTE_API_KEY", IN_ENVIRONMENT)
    as_option = run("sessions", "list", "--url", wrong)
    monkeypatch.setenv("MOTTE_URL", wrong)
    for result in (as_option, run("sessions", "list")):
        assert result.exit_code == 2
        assert "must begin with https://" in result.stderr


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "127.1.2.3"])
def test_a_url_of_this_host_needs_no_tls(
    run: Run, monkeypatch: pytest.MonkeyPatch, free_port: int, host: str
) -> None:
    monkeypatch.setenv("MOTTE_API_KEY", IN_ENVIRONMENT)
    result = run("sessions", "list", "--url", f"http://{host}:{free_port}")
    assert result.exit_code == 3
    assert f"nobody answers at http://{host}:{free_port}" in result.stderr


async def test_a_url_may_have_a_path(api: FakeApi, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTTE_API_KEY", IN_ENVIRONMENT)
    assert (await motte("sessions", "stop", "shop", "--url", f"{url}/wa/")).exit_code == 0
    assert api.paths == ["/wa/sessions/shop/stop"]


@pytest.mark.parametrize("status", [301, 302, 307, 308])
@pytest.mark.parametrize("arguments", [("show", "shop"), ("events",)])
async def test_no_redirect_is_followed(
    api: FakeApi, url: str, monkeypatch: pytest.MonkeyPatch, status: int, arguments: tuple[str, ...]
) -> None:
    monkeypatch.setenv("MOTTE_API_KEY", IN_ENVIRONMENT)
    api.answer = lambda: web.Response(status=status, headers={"Location": "http://localhost/\x9belsewhere"})
    result = await motte("sessions", *arguments, "--url", url)
    assert (result.exit_code, len(api.keys)) == (1, 1)
    assert "redirects to http://localhost/" in result.stderr
    assert "\x9b" not in result.stderr


async def test_a_certificate_that_nobody_vouches_for_is_refused(
    api: FakeApi, folder: StateFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOTTE_API_KEY", IN_ENVIRONMENT)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    server = TestServer(api.app())
    await server.start_server(ssl=context)
    command = ("sessions", "stop", "shop", "--url", f"https://localhost:{server.port}")
    try:
        result = await motte(*command)
        assert (result.exit_code, api.keys) == (3, [])
        trusting = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "server", *command, env={**os.environ, "SSL_CERT_FILE": str(CERTIFICATE)}
        )
        assert await trusting.wait() == 0
    finally:
        await server.close()
    assert "is not secure: self" in result.stderr
    assert api.keys == [f"Bearer {IN_ENVIRONMENT}"]


@pytest.mark.parametrize("arguments", [("show", "shop"), ("events",)])
async def test_another_program_at_that_address_is_an_error(
    api: FakeApi, url: str, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    monkeypatch.setenv("MOTTE_API_KEY", IN_ENVIRONMENT)
    api.answer = lambda: web.Response(text="<h1>Welcome</h1>", content_type="text/html")
    result = await motte("sessions", *arguments, "--url", url)
    assert result.exit_code == 1
    assert "is not the API of a Motte" in result.stderr


@pytest.mark.parametrize(
    "arguments", [("list",), ("show", "shop"), ("start", "--all"), ("qr", "shop"), ("events",)]
)
@pytest.mark.parametrize("content", [{}, [], {"items": 1}, "words", 7])
async def test_a_program_there_that_speaks_json_is_an_error_too(
    folder: StateFolder,
    aiohttp_server: AiohttpServer,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    content: object,
) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.json_response(content)

    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", answer)
    server = await aiohttp_server(app)
    monkeypatch.setenv("MOTTE_API_KEY", IN_ENVIRONMENT)
    result = await motte("sessions", *arguments, "--url", str(server.make_url("")))
    assert (result.exit_code, type(result.exception)) == (1, SystemExit)
    assert "is not the API of a Motte" in result.stderr


async def test_an_answer_that_is_larger_than_any_of_a_motte_is_not_read_to_its_end(
    api: FakeApi, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOTTE_API_KEY", IN_ENVIRONMENT)
    rest = json.dumps(session(name=""))
    for name in ("x" * (MAX_RESPONSE_BYTES - len(rest)), "x" * (MAX_RESPONSE_BYTES - len(rest) + 1)):
        api.answer = partial(web.json_response, session(name=name))
        result = await motte("sessions", "stop", "shop", "--url", url, "--output", "json")
        assert (result.exit_code == 0) is (len(name) + len(rest) == MAX_RESPONSE_BYTES), result.stderr
    assert "is larger than any of a Motte" in result.stderr


async def test_a_key_file_has_4096_characters_at_most(api: FakeApi, url: str, tmp_path: Path) -> None:
    file = tmp_path / "key"
    for length in (4096, 4097):
        file.write_text("k" * length)
        result = await motte("sessions", "stop", "shop", "--url", url, "--key-file", str(file))
        assert (result.exit_code == 0) is (length == 4096), result.stderr
    assert "must hold one API key" in result.stderr


async def test_a_question_names_the_address(api: FakeApi, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTTE_API_KEY", IN_ENVIRONMENT)
    for verb in ("delete", "logout"):
        result = await motte("sessions", verb, "shop", "--url", url, answers="n\n")
        assert (result.exit_code, api.keys) == (1, [])
        assert f" at {url}" in result.stderr


async def test_a_state_folder_that_is_named_comes_before_the_variable(
    api: FakeApi, url: str, folder: StateFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOTTE_API_KEY", IN_ENVIRONMENT)
    monkeypatch.setenv("MOTTE_URL", url)
    result = await motte("sessions", "stop", "shop", "--state", str(folder.path))
    assert (result.exit_code, api.keys) == (3, [])
    result = await motte("sessions", "stop", "shop", "--state", str(folder.path), "--url", url)
    assert (result.exit_code, api.keys) == (2, [])
    assert "--state and --url cannot both be given" in result.stderr


def test_a_motte_elsewhere_that_does_not_run_is_3(
    run: Run, folder: StateFolder, free_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is no database to read instead."""
    furnish(folder)
    add(folder, "shop", Status.STOPPED)
    monkeypatch.setenv("MOTTE_API_KEY", IN_ENVIRONMENT)
    monkeypatch.setenv("MOTTE_URL", f"http://127.0.0.1:{free_port}")
    for arguments in (("list",), ("show", "shop"), ("delete", "shop", "--yes"), ("events",)):
        assert run("sessions", *arguments).exit_code == 3
    assert ids(folder) == {"shop"}


def test_other_commands_work_on_the_state_folder_whatever_the_variable_says(
    run: Run, folder: StateFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    furnish(folder)
    monkeypatch.setenv("MOTTE_URL", "https://motte.example.org")
    assert run("keys", "create", "till", "--scope", "admin").exit_code == 0
    assert "till" in run("keys", "list").stdout
    others = {name for name in COMMANDS if not name.startswith(THROUGH_THE_API)}
    options = {word for name in others for param in COMMANDS[name].params for word in param.opts}
    assert "--url" not in options


@pytest.mark.parametrize("name", [name for name in COMMANDS if name.startswith(THROUGH_THE_API)])
def test_every_command_that_uses_the_api_can_use_another_motte(name: str) -> None:
    options = {word for param in COMMANDS[name].params for word in param.opts}
    assert {"--url", "--key-file", "--state", "--output"} <= options
    assert isinstance(COMMANDS[name], click.Command)


def test_a_motte_that_starts_ignores_the_variable(tmp_path: Path) -> None:
    named = {"MOTTE_STATE": str(tmp_path), "MOTTE_URL": "https://motte.example.org"}
    assert read(named).state == tmp_path
