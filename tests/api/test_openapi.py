"""The API as it describes itself."""

import re
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from server.api.openapi.document import describe
from server.api.openapi.operation import JSON
from server.api.resources.description import ASSETS
from server.api.routes import ROUTES
from server.auth.login_cookies import COOKIE
from server.core.errors import kinds
from server.documents.problem import PROBLEM_JSON
from tests.api.conftest import Front
from tests.api.problem_documents import problem
from tests.project.pages import ROOT

ALL = {f"{route.method} {route.path}" for route in ROUTES}
KEYED = {f"{route.method} {route.path}" for route in ROUTES if route.scope is not None}
CREATE, READ, LIST = "POST /sessions", "GET /sessions/{id}", "GET /sessions"
QR, LINK, TYPED = "GET /sessions/{id}/qr", "POST /sessions/{id}/scan-link", "POST /sessions/{id}/pairing-code"
SEND, ONE = "POST /sessions/{id}/messages", "/sessions/{id}/messages/{mid}"
EDIT, WITHDRAW, REACT = f"PATCH {ONE}", f"DELETE {ONE}", f"PUT {ONE}/reaction"
ABOUT = {EDIT, WITHDRAW, REACT, f"DELETE {ONE}/reaction"}
CHAT_READ, TYPE = "POST /sessions/{id}/chats/{chat}/read", "POST /sessions/{id}/chats/{chat}/typing"
CONTACT = "GET /sessions/{id}/contacts/{number}"
CHATS = {CHAT_READ, TYPE, CONTACT}
PHONE = "POST /sessions/{id}/sandbox/messages"
EVENTS = {"GET /events", "GET /sessions/{id}/events"}
MESSAGES, CONNECTOR = "GET /sessions/{id}/messages", "GET /sessions/{id}/connector"
LOG = "GET /sessions/{id}/connector/log"
SCAN, PICTURE, STREAM = "GET /scan/{token}", "GET /scan/{token}/qr.svg", "GET /scan/{token}/events"
LINKED = "POST /scan/{token}/pairing-code"
IN, OUT = "POST /login", "POST /logout"
BEGINS = {"POST /sessions/{id}/start", "POST /sessions/{id}/restart"}
ENDS = {"POST /sessions/{id}/stop", "POST /sessions/{id}/logout"}
DELETE, UPDATE = "DELETE /sessions/{id}", "PATCH /sessions/{id}"
BODIES = {CREATE, UPDATE, LINK, TYPED, LINKED, IN, "POST /sessions/{id}/restart"}
BODIES |= {SEND, EDIT, REACT, CHAT_READ, TYPE, PHONE}
HOOKS, HOOK = "/webhooks", "/webhooks/{webhook}"
REPLAY, DELIVERIES = f"POST {HOOK}/replay", f"GET {HOOK}/deliveries"
OF_HOOKS = {f"{verb} {HOOK}" for verb in ("GET", "PATCH", "DELETE")} | {
    *(REPLAY, DELIVERIES, f"POST {HOOK}/test", f"POST {HOOK}/rotate-secret"),
}
BODIES |= {f"POST {HOOKS}", f"PATCH {HOOK}", REPLAY}
OF_LINKS = {PICTURE, STREAM, LINKED}
CODES = {CREATE, READ, QR, TYPED, PICTURE, LINKED} | BEGINS
DONE = CODES | ENDS | {DELETE}

#: Which routes may answer with which error.
WHERE = {
    **dict.fromkeys(("bad-request", "body-too-large", "request-timeout", "address-too-long"), ALL),
    **dict.fromkeys(("unsupported-encoding", "headers-too-large", "http-version-not-supported"), ALL),
    **dict.fromkeys(("overloaded", "shutting-down", "internal-error"), ALL),
    "unauthorized": KEYED | {IN},
    "forbidden": KEYED,
    "foreign-page": KEYED | {IN, OUT},
    "rate-limited": KEYED | {IN} | OF_LINKS,
    "store-unavailable": KEYED | {"GET /", IN, OUT, SCAN, PICTURE, STREAM, LINKED, "GET /readyz"},
    "not-found": {"GET /pages/{asset}", "GET /docs/{file}", "GET /problems/{code}", PHONE},
    "not-acceptable": {QR},
    "malformed-json": BODIES,
    "validation-failed": BODIES
    | EVENTS
    | {LIST, READ, QR, MESSAGES, LOG, f"GET {ONE}", CONTACT, DELIVERIES, f"GET {HOOKS}"}
    | ABOUT,
    "bad-cursor": EVENTS | {LIST, MESSAGES, f"GET {HOOKS}", REPLAY, DELIVERIES},
    "cursor-expired": EVENTS | {REPLAY, DELIVERIES},
    "webhook-not-found": OF_HOOKS,
    "too-many-webhooks": {f"POST {HOOKS}", f"PATCH {HOOK}"},
    "session-not-found": {way for way in KEYED if "{id}" in way} | {CREATE},
    "session-exists": {CREATE},
    "conflicting-state": {CREATE, QR, LINK, TYPED, PICTURE, LINKED, SEND, PHONE}
    | BEGINS
    | ENDS
    | ABOUT
    | CHATS,
    "message-not-found": {SEND, f"GET {ONE}", CHAT_READ} | ABOUT,
    "ambiguous-message": {SEND, f"GET {ONE}"} | ABOUT,
    "too-late": {EDIT, WITHDRAW},
    **dict.fromkeys(("outbox-full", "idempotency-key-reused"), {SEND} | ABOUT),
    "already-connected": {QR, LINK, TYPED, PICTURE, LINKED},
    **dict.fromkeys(("link-invalid", "link-expired", "link-used"), OF_LINKS),
    **dict.fromkeys(
        (
            "passkey-required",
            "proxy-failed",
            "whatsapp-refused",
            "account-banned",
            "version-rejected",
            "connector-crashed",
        ),
        CODES,
    ),
    "qr-timeout": CODES,
    "whatsapp-unreachable": CODES | {CONTACT, PHONE},
    "leader-unavailable": DONE | {UPDATE} | CHATS,
    "connector-unavailable": DONE | CHATS,
    "supervisor-unavailable": DONE | {"GET /connectors", CONNECTOR, "GET /readyz"},
}


def test_every_route_is_described_and_nothing_else_is() -> None:
    assert {(method, path) for method, path, _ in _operations()} == {
        (route.method, route.path) for route in ROUTES
    }


def test_every_error_is_described_where_it_may_come_and_nowhere_else() -> None:
    described: dict[str, set[str]] = {}
    for method, path, operation in _operations():
        for code in _problems(operation):
            described.setdefault(code, set()).add(f"{method} {path}")
    known = {kind.code for kind in kinds()}
    assert known - described.keys() == {"method-not-allowed"}  # It names the methods that there are.
    assert described == WHERE


def test_the_headers_of_a_webhook_have_a_rule_for_their_values_that_the_examples_keep() -> None:
    headers = describe()["components"]["schemas"]["NewWebhook"]["properties"]["headers"]
    rule = headers["additionalProperties"]["pattern"]
    assert [re.search(rule, value) is not None for value in ("a b", "", " a", "a\n", "\u00e4")] == [
        True,
        *[False] * 4,
    ]
    for example in headers["examples"]:
        assert all(re.search(rule, value) for value in example.values())


def test_an_error_says_what_else_its_answer_tells() -> None:
    heads = {
        status: set(response.get("headers", ()))
        for status, response in describe()["paths"]["/sessions/{id}/qr"]["get"]["responses"].items()
    }
    assert heads["400"] == heads["404"] == set()
    assert heads["401"] == {"WWW-Authenticate"}
    assert heads["409"] == {"Location"}
    assert heads["429"] == {"Retry-After"}
    assert heads["502"] == heads["503"] == heads["504"] == {"Location", "Retry-After"}


def test_every_answer_that_is_no_problem_has_an_example() -> None:
    for method, path, operation in _operations():
        for status, response in operation["responses"].items():
            for kind, shown in response.get("content", {}).items():
                if kind not in ("image/png", PROBLEM_JSON):  # A picture is no text.
                    assert shown["example"], (method, path, status, kind)


def test_an_example_is_of_the_type_that_is_rendered() -> None:
    tried = 0
    for route in ROUTES:
        for response in route.operation.responses.values():
            body = response.content.get(JSON)
            if body is not None and isinstance(body.schema, type):
                example = msgspec.to_builtins(body.example)
                assert msgspec.to_builtins(msgspec.convert(example, body.schema)) == example
                tried += 1
    assert tried > 10


def test_the_example_of_a_body_is_one_that_is_taken() -> None:
    for route in ROUTES:
        if (body := route.operation.body) is not None:
            msgspec.convert(body.example, body.schema)


def test_a_browser_s_login_opens_what_a_key_opens() -> None:
    document = describe()
    assert document["components"]["securitySchemes"]["cookie"]["name"] == COOKIE
    for method, path, operation in _operations():
        ways = [name for way in operation["security"] for name in way]
        assert ways in ([], ["bearer", "header", "evolution", "cookie"]), (method, path)


def test_every_operation_says_in_a_sentence_what_it_does() -> None:
    for method, path, operation in _operations():
        assert len(operation["summary"]) > 10, (method, path)


def test_a_member_that_may_be_absent_has_no_default_and_is_not_required() -> None:
    schemas = describe()["components"]["schemas"]
    for name, schema in schemas.items():
        for member, described in schema.get("properties", {}).items():
            assert "default" not in described, (name, member)
    optional = {
        name: set(schema["properties"]) - set(schema.get("required", ()))
        for name, schema in schemas.items()
        if "properties" in schema
    }
    assert optional["NewSession"] == {"id", "name", "deviceName", "proxy"}
    assert optional["SessionPatch"] == {"name", "deviceName", "proxy"}
    assert optional["RestartRequest"] == {"forget"}
    assert optional["ScanLinkRequest"] == {"expiresIn"}
    assert optional["Problem"] == {"errors", "candidates", "session"}
    assert optional["NewMessage"] == set(schemas["NewMessage"]["properties"]) - {"to"}
    assert optional["SessionDocument"] == set()
    assert schemas["ScanLinkRequest"]["properties"]["expiresIn"]["description"] == "default: 600"


def test_no_parameter_of_a_query_is_null() -> None:
    for method, path, operation in _operations():
        for parameter in operation["parameters"]:
            assert "null" not in str(parameter["schema"]), (method, path, parameter["name"])
            assert parameter["schema"].get("default", 0) is not None


def test_titles_and_sentences_keep_the_case_of_names() -> None:
    texts = [operation["summary"] for _, _, operation in _operations()]
    texts += [kind.title() for kind in kinds()] + [kind.default_detail() for kind in kinds()]
    names = "API|JSON|QR|HTTP|HTTPS|JavaScript|WhatsApp|Motte|Prometheus|OpenAPI|URL|PNG|SVG|UTF-8"
    written = set(names.split("|"))
    for text in texts:
        plain = re.sub(r"`[^`]*`|\S+/\S+", "", text)
        assert set(re.findall(rf"\b(?:{names})\b", plain, re.IGNORECASE)) <= written, text


def test_no_text_for_people_is_changed_by_a_rule_about_capitals() -> None:
    for path in (ROOT / "server").rglob("*.py"):
        assert not re.search(r"\.capitalize\(", path.read_text()), path


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


def _problems(operation: dict[str, Any]) -> Iterator[str]:
    """The codes of its errors."""
    for response in operation["responses"].values():
        yield from response.get("content", {}).get(PROBLEM_JSON, {}).get("examples", {})


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
