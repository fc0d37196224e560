"""The API as it describes itself."""

from collections.abc import Iterator
from typing import Any

import pytest

from server.errors import MotteError
from server.handlers.description import ASSETS
from server.openapi import describe
from server.operations import OPERATIONS
from server.routes import ROUTES
from tests.http.conftest import Front
from tests.http.test_problems import problem


def test_every_route_is_described_and_nothing_else_is() -> None:
    assert set(OPERATIONS) == {route.handler for route in ROUTES}
    assert {(method, path) for method, path, _ in _operations()} == {
        (route.method, route.path) for route in ROUTES
    }


def test_every_error_is_described_where_it_may_come() -> None:
    described = {
        code
        for _, _, operation in _operations()
        for response in operation["responses"].values()
        for code in response.get("content", {}).get("application/problem+json", {}).get("examples", {})
    }
    known = {kind.code for kind in _kinds(MotteError) if hasattr(kind, "code")}
    assert known - described == {"method-not-allowed"}  # The description names the methods that there are.


def test_every_operation_says_in_a_sentence_what_it_does() -> None:
    for method, path, operation in _operations():
        assert len(operation["summary"]) > 10, (method, path)


def test_what_is_referred_to_is_there() -> None:
    document = describe()
    schemas = document["components"]["schemas"]
    names = {reference.rpartition("/")[2] for reference in _references(document)}
    assert names
    assert names <= schemas.keys()


async def test_anybody_may_read_it(front: Front) -> None:
    async with front.stranger() as stranger, stranger.get("/openapi.json") as response:
        document = await response.json()
    assert (response.status, document["openapi"]) == (200, "3.1.0")


async def test_people_read_it_on_a_page_that_loads_nothing_from_elsewhere(front: Front) -> None:
    async with front.stranger() as stranger:
        page = await stranger.get("/docs")
        assert page.content_type == "text/html"
        assert "default-src 'none'" in page.headers["Content-Security-Policy"]
        text = await page.text()
        for file in ASSETS:
            assert f'"docs/{file}"' in text
            asset = await stranger.get(f"/docs/{file}")
            assert asset.status == 200
            assert len(await asset.read()) > 100
    assert "://" not in text


@pytest.mark.parametrize("file", ["index.html", "LICENSE", "..%2Fopenapi.py"])
async def test_the_page_gives_its_own_files_alone(front: Front, file: str) -> None:
    await problem(await front.get(f"/docs/{file}"), 404, "not-found")


def _operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in describe()["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def _kinds(of: type[MotteError]) -> Iterator[type[MotteError]]:
    for kind in of.__subclasses__():
        yield kind
        yield from _kinds(kind)


def _references(of: Any) -> Iterator[str]:
    match of:
        case {"$ref": str(reference)}:
            yield reference
        case dict():
            for value in of.values():
                yield from _references(value)
        case list():
            for value in of:
                yield from _references(value)
