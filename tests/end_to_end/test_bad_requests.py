"""Bad requests over the whole way: each gets its problem document, and leaves nothing behind."""

import io
from collections.abc import AsyncGenerator

import pytest

from tests.support.motte import Motte


@pytest.fixture(autouse=True)
async def _nothing_is_left(motte: Motte) -> AsyncGenerator[None]:
    """No row, folder, pipe or program."""
    yield
    assert (await motte.ask("GET", "/sessions")).body["items"] == []
    assert list(motte.folder.sessions.iterdir()) == []
    assert await motte.programs() == {}


@pytest.mark.parametrize(
    ("body", "code", "pointer"),
    [
        (b'{"id": "../x"}', "validation-failed", "/id"),
        (b'{"id": "a b"}', "validation-failed", "/id"),
        (b'{"id": "a\\n"}', "validation-failed", "/id"),
        (b'{"id": "' + b"a" * 65 + b'"}', "validation-failed", "/id"),
        (b'{"id": ""}', "validation-failed", "/id"),
        (b'{"id": null}', "validation-failed", "/id"),
        (b'{"id": 7}', "validation-failed", "/id"),
        (b'{"id": "_spare"}', "validation-failed", "/id"),
        (b'{"id": "s\\u00e9ance"}', "validation-failed", "/id"),
        (b'{"name": ""}', "validation-failed", "/name"),
        (b'{"name": "' + b"n" * 101 + b'"}', "validation-failed", "/name"),
        (b'{"name": "a\\u0000b"}', "validation-failed", "/name"),
        (b'{"nmae": "typo"}', "validation-failed", "/nmae"),
        (b'{"a/b~c": 1}', "validation-failed", "/a~1b~0c"),
        (b"null", "validation-failed", ""),
        (b"[]", "validation-failed", ""),
        (b'"shop"', "validation-failed", ""),
        (b"{", "malformed-json", None),
        (b"id=shop", "malformed-json", None),
        (b'{"id": "\xed\xa0\x80"}', "malformed-json", None),
    ],
)
async def test_a_body_that_breaks_a_rule_is_refused(
    motte: Motte, body: bytes, code: str, pointer: str | None
) -> None:
    answer = await motte.ask("POST", "/sessions", data=body)
    problem = answer.problem(400, code)
    assert [error["pointer"] for error in problem.get("errors", [])] == ([] if pointer is None else [pointer])


async def test_a_body_of_a_megabyte_is_too_large(motte: Motte) -> None:
    body = io.BytesIO(b'{"name": "' + b"a" * 2**20 + b'"}')
    (await motte.ask("POST", "/sessions", data=body)).problem(413, "body-too-large")


@pytest.mark.parametrize("method", ["GET", "DELETE"])
@pytest.mark.parametrize("path", ["/nobody", "/..%2Fx", "/a%20b", "/a%0A"])
async def test_a_session_that_is_not_there_is_not_found(motte: Motte, method: str, path: str) -> None:
    (await motte.ask(method, f"/sessions{path}")).problem(404, "session-not-found")


async def test_a_caller_without_a_key_creates_nothing(motte: Motte) -> None:
    answer = await motte.post(headers={"Authorization": "Bearer motte_wrong"})
    answer.problem(401, "unauthorized")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="motte"'
