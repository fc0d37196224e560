"""HTTP to a running Motte, with errors in words."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from pytest_aiohttp.plugin import AiohttpServer

from server.cli.common.client import ApiKey, Client, Refused, Unreachable
from server.cli.serve.endpoints import NoKey, api_key, control_url, front_url
from server.core.paths import StateFolder


@pytest.fixture
async def server(aiohttp_server: AiohttpServer) -> TestServer:
    """Answers a path with the answer of its name."""

    async def problem(request: web.Request) -> web.Response:
        document = {"code": "session-not-found", "detail": "There is no session with this id"}
        return web.json_response(document, status=404, content_type="application/problem+json")

    async def wrong(request: web.Request) -> web.Response:
        document = {"code": "unauthorized", "detail": "The API key is missing or wrong"}
        return web.json_response(document, status=401, content_type="application/problem+json")

    async def page(request: web.Request) -> web.Response:
        return web.Response(text="<h1>Bad gateway</h1>", status=502, content_type="text/html")

    async def key(request: web.Request) -> web.Response:
        return web.json_response({"authorization": request.headers.get("Authorization")})

    async def empty(request: web.Request) -> web.Response:
        return web.Response(status=204)

    async def news(request: web.Request) -> web.Response:
        """The second version, once somebody has waited for it."""
        seen = request.headers.get("If-None-Match")
        if seen == "first" and request.headers["Prefer"] == "wait=3":
            return web.json_response({"news": True}, headers={"ETag": "second"})
        return web.Response(status=304, headers={"ETag": str(seen)})

    app = web.Application()
    app.add_routes(
        [web.get(f"/{answer.__name__}", answer) for answer in (problem, wrong, page, key, empty, news)]
    )
    return await aiohttp_server(app)


@pytest.fixture
async def client(server: TestServer) -> AsyncIterator[Client]:
    async with Client(
        str(server.make_url("")).rstrip("/"), key=ApiKey("motte_key", "MOTTE_API_KEY")
    ) as client:
        yield client


async def test_a_problem_document_is_shown_as_its_code_and_detail(client: Client) -> None:
    with pytest.raises(Refused, match="session-not-found: There is no session with this id"):
        await client.ask("GET", "/problem")


async def test_a_key_that_is_refused_is_named_by_where_it_was_found(
    client: Client, server: TestServer
) -> None:
    words = "unauthorized: The API key is missing or wrong"
    with pytest.raises(Refused) as refused:
        await client.ask("GET", "/wrong")
    assert str(refused.value) == f"{words} (the key is from MOTTE_API_KEY)"
    with pytest.raises(Refused) as refused:
        async for _ in client.events("/wrong"):
            pass
    assert str(refused.value) == f"{words} (the key is from MOTTE_API_KEY)"
    async with Client(str(server.make_url("")).rstrip("/")) as nobody:
        with pytest.raises(Refused) as refused:
            await nobody.ask("GET", "/wrong")
    assert str(refused.value) == words


async def test_a_refusal_that_is_no_problem_document_is_shown_as_its_status(client: Client) -> None:
    with pytest.raises(Refused, match="HTTP 502"):
        await client.ask("GET", "/page")


async def test_the_key_travels_as_a_bearer_token(client: Client) -> None:
    assert await client.ask("GET", "/key") == {"authorization": "Bearer motte_key"}


async def test_a_wait_returns_a_newer_document_or_none(client: Client) -> None:
    assert await client.newer("/news", than="first", wait=3) == ({"news": True}, "second")
    assert await client.newer("/news", than="second", wait=3) == (None, "second")


async def test_an_empty_response_is_no_document(client: Client) -> None:
    assert await client.ask("GET", "/empty") is None


async def test_an_address_without_a_server_is_named_in_the_error(free_port: int) -> None:
    async with Client(f"http://127.0.0.1:{free_port}") as client:
        with pytest.raises(Unreachable, match=f"nobody answers at http://127.0.0.1:{free_port}"):
            await client.ask("GET", "/")


def test_a_motte_that_does_not_run_is_reported_with_its_folder(folder: StateFolder) -> None:
    with pytest.raises(Unreachable, match="Motte does not run on the state folder"):
        front_url(folder)


def test_a_motte_without_a_sandbox_is_reported_with_the_command_that_starts_one(folder: StateFolder) -> None:
    with pytest.raises(Unreachable, match="motte serve --sandbox"):
        control_url(folder)


def test_the_key_in_the_environment_comes_before_the_first_one(
    folder: StateFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.path.mkdir()
    folder.admin_key.write_text("motte_first\n")
    assert api_key(folder) == ("motte_first", str(folder.admin_key))
    monkeypatch.setenv("MOTTE_API_KEY", "motte_given")
    assert api_key(folder) == ("motte_given", "MOTTE_API_KEY")


def test_a_missing_key_is_reported_with_both_places(folder: StateFolder) -> None:
    with pytest.raises(NoKey, match=r"MOTTE_API_KEY is not set, and .*admin\.key: No such file"):
        api_key(folder)
