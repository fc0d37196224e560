"""Bad requests: each gets its problem document, and leaves nothing behind."""

import io
import re
from pathlib import Path

import pytest

from server.api.route import MAX_BODY_BYTES
from store.records.sessions import Status
from tests.api.conftest import READ_KEY, Front
from tests.api.problem_documents import left_nothing, problem

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize(
    ("body", "code", "pointer"),
    [
        ('{"id": "../x"}', "validation-failed", "/id"),
        ('{"id": "a b"}', "validation-failed", "/id"),
        ('{"id": "a\\n"}', "validation-failed", "/id"),
        ('{"id": "' + "a" * 65 + '"}', "validation-failed", "/id"),
        ('{"id": ""}', "validation-failed", "/id"),
        ('{"id": null}', "validation-failed", "/id"),
        ('{"id": 7}', "validation-failed", "/id"),
        ('{"id": "_spare"}', "validation-failed", "/id"),
        ('{"id": "s\\u00e9ance"}', "validation-failed", "/id"),
        ('{"name": ""}', "validation-failed", "/name"),
        ('{"name": "sh\\u202eop"}', "validation-failed", "/name"),
        ('{"name": "shop\\n"}', "validation-failed", "/name"),
        ('{"name": "' + "n" * 101 + '"}', "validation-failed", "/name"),
        ('{"name": "a\\u0000b"}', "validation-failed", "/name"),
        ('{"nmae": "typo"}', "validation-failed", "/nmae"),
        ('{"a/b~c": 1}', "validation-failed", "/a~1b~0c"),
        ("null", "validation-failed", ""),
        ("[]", "validation-failed", ""),
        ('"shop"', "validation-failed", ""),
        ("{", "malformed-json", None),
        ("id=shop", "malformed-json", None),
        ('{"id": "\ud800"}', "malformed-json", None),
    ],
)
async def test_a_body_that_breaks_a_rule_is_refused_and_leaves_nothing(
    front: Front, body: str, code: str, pointer: str | None
) -> None:
    response = await front.client.post("/sessions", data=body.encode("utf-8", "surrogatepass"))
    document = await problem(response, 400, code)
    if pointer is not None:
        assert [error["pointer"] for error in document["errors"]] == [pointer]
    assert await left_nothing(front)


async def test_a_body_of_a_megabyte_is_too_large(front: Front) -> None:
    body = io.BytesIO(b'{"name": "' + b"a" * 2**20 + b'"}')
    response = await front.client.post("/sessions", data=body)
    await problem(response, 413, "body-too-large")
    assert await left_nothing(front)


async def test_a_body_has_a_largest_size(front: Front) -> None:
    most = b"{" + b" " * (MAX_BODY_BYTES - 2) + b"}"
    assert (await front.client.patch("/sessions/nobody", data=most)).status == 404
    await problem(await front.client.patch("/sessions/nobody", data=most + b" "), 413, "body-too-large")


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("limit=0", "validation-failed"),
        ("limit=201", "validation-failed"),
        ("limit=many", "validation-failed"),
        ("status=asleep", "validation-failed"),
        ("colour=red", "validation-failed"),
        ("cursor=!", "bad-cursor"),
        ("cursor=AAAA", "bad-cursor"),
        ("cursor=WzEsIDJd", "bad-cursor"),
    ],
)
async def test_a_list_with_a_bad_query_is_refused(front: Front, query: str, code: str) -> None:
    await problem(await front.get(f"/sessions?{query}"), 400, code)


async def test_a_read_with_a_word_that_is_no_truth_value_is_refused(front: Front) -> None:
    await front.create()
    document = await problem(await front.get("/sessions/shop?refresh=maybe"), 400, "validation-failed")
    assert document["errors"][0]["pointer"] == "?refresh"


@pytest.mark.parametrize(
    "path", ["/sessions/nobody", "/sessions/..%2Fx", "/sessions/a%20b", "/sessions/a%0A"]
)
async def test_a_session_that_is_not_there_is_not_found(front: Front, path: str) -> None:
    await problem(await front.get(path), 404, "session-not-found")
    await problem(await front.client.delete(path), 404, "session-not-found")
    assert await left_nothing(front)


@pytest.mark.parametrize(
    "path", ["/nothing", "/sessions/shop/message", "/sessions/shop/chats", "/api/sendText"]
)
async def test_an_unknown_address_is_not_found_and_leads_to_the_list_of_all(front: Front, path: str) -> None:
    document = await problem(await front.get(path), 404, "not-found")
    said = f"no route has the address {path}; /docs on this host lists all routes"
    assert document["detail"].startswith(said)


async def test_an_address_of_another_gateway_names_the_page_about_moving(front: Front) -> None:
    page = (DOCS / "how-to" / "moving.md").read_text()
    theirs = [line.split("|")[1] for line in page.splitlines() if line.startswith("|")]
    routes = [found for cell in theirs for found in re.findall(r"`([A-Z]+) (/[^`\s?]*)", cell)]
    assert ("POST", "/message/sendText/shop") in routes
    for method, path in {("POST", "/api/sendText"), *routes}:
        document = await problem(await front.client.request(method, path), 404, "not-found")
        assert "docs/how-to/moving.md" in document["detail"], path
    for path in ("/nothing", "/sessionss", "/apis/x"):
        document = await problem(await front.get(path), 404, "not-found")
        assert "moving" not in document["detail"], path


async def test_a_wrong_method_is_told_the_right_ones(front: Front) -> None:
    response = await front.client.put("/sessions")
    await problem(response, 405, "method-not-allowed")
    assert response.headers["Allow"] == "GET, HEAD, POST"


@pytest.mark.parametrize(
    ("headers", "why"),
    [
        ({}, "the request has no API key: send `Authorization: Bearer`"),
        ({"X-Api-Key": ""}, "the request has no API key"),
        ({"Authorization": "Basic dTpw"}, "the header Authorization must be `Bearer` and an API key"),
        ({"Authorization": "motte_key"}, "the header Authorization must be `Bearer` and an API key"),
        ({"Authorization": "Bearer "}, "the header Authorization must be `Bearer` and an API key"),
        ({"Authorization": "Bearer wrong"}, "Motte does not know this API key: `motte keys list`"),
        ({"X-Api-Key": "wrong"}, "Motte does not know this API key"),
    ],
)
async def test_a_request_without_a_key_that_motte_knows_is_refused_and_told_why(
    front: Front, headers: dict[str, str], why: str
) -> None:
    async with front.stranger() as stranger:
        response = await stranger.get("/sessions", headers=headers)
        document = await problem(response, 401, "unauthorized")
        assert document["detail"].startswith(why)
        assert response.headers["WWW-Authenticate"] == 'Bearer realm="motte"'


@pytest.mark.parametrize("name", ["X-Api-Key", "apikey"])
async def test_a_key_may_come_in_the_headers_that_other_gateways_use(front: Front, name: str) -> None:
    async with front.stranger() as stranger:
        assert (await stranger.get("/sessions", headers={name: READ_KEY})).status == 200


async def test_a_key_that_may_only_read_creates_nothing(front: Front) -> None:
    async with front.stranger() as stranger:
        response = await stranger.post("/sessions", headers={"X-Api-Key": READ_KEY})
        await problem(response, 403, "forbidden")
    assert await left_nothing(front)


async def test_health_and_readiness_need_no_key(front: Front) -> None:
    async with front.stranger() as stranger:
        assert (await stranger.get("/healthz")).status == 200
        assert (await stranger.get("/readyz")).status == 200


async def test_a_bug_is_a_problem_too_and_says_nothing_of_its_inside(
    front: Front, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("secret")

    monkeypatch.setattr(type(front.whole.store.sessions), "page", broken)
    document = await problem(await front.get("/sessions"), 500, "internal-error")
    assert "secret" not in str(document)
    assert document["instance"] in caplog.text


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b'{"id": 7}', "/id must be text, not a whole number"),
        (b'{"name": {}}', "/name must be text or null, not an object"),
        (b'{"name": ""}', "/name must have at least 1 character"),
        (b'{"name": "' + b"n" * 101 + b'"}', "/name must have at most 100 characters"),
        (b"[]", "the body must be an object, not a list"),
        (b'{"x": 1}', "/x is not a field here: the fields are id, name, deviceName, proxy"),
        (b'{"id": 1e999}', "/id is not valid: Number out of range"),
        (
            '{"id": "café"}'.encode(),
            "/id must be 1 to 64 of the characters A-Z a-z 0-9 _ -, and begin with none of _ -",
        ),
        (b"{", "the body is not JSON: it ends too early"),
        (b"nonsense", "the body is not JSON: invalid character (byte 4)"),
        (b'{"id": "\xff"}', "the body is not UTF-8"),
    ],
)
async def test_the_detail_of_a_refusal_reads_plainly(front: Front, body: bytes, detail: str) -> None:
    assert (await (await front.client.post("/sessions", data=body)).json())["detail"] == detail


@pytest.mark.parametrize(
    ("query", "detail"),
    [
        ("limit=0", "?limit must be at least 1"),
        ("limit=201", "?limit must be at most 200"),
        ("limit=many", "?limit must be a whole number"),
        ("limit=1&limit=2", "?limit was given more than once"),
        ("status=WORKING", f"?status must be one of {', '.join(Status)}"),
        ("status=failed,", f"?status must be one of {', '.join(Status)}"),
        ("colour=red", "?colour is not a field here: the fields are status, limit, cursor"),
    ],
)
async def test_the_detail_of_a_refused_query_reads_plainly(front: Front, query: str, detail: str) -> None:
    assert (await (await front.get(f"/sessions?{query}")).json())["detail"] == detail


async def test_a_picture_in_a_format_that_does_not_exist_is_told_which_exist(front: Front) -> None:
    document = await problem(await front.get("/sessions/shop/qr?format=base64"), 400, "validation-failed")
    assert document["detail"] == "?format must be one of json, png, svg, text"


async def test_a_byte_order_mark_before_a_body_is_passed_over(front: Front) -> None:
    response = await front.client.post("/sessions", data=b'\xef\xbb\xbf{"id": "shop"}')
    assert (response.status, (await response.json())["id"]) == (201, "shop")


async def test_a_field_that_is_missing_is_named_by_its_pointer(front: Front) -> None:
    response = await front.client.post("/sessions/shop/pairing-code", json={})
    document = await problem(response, 400, "validation-failed")
    assert document["errors"] == [{"pointer": "/phoneNumber", "detail": "is missing"}]
