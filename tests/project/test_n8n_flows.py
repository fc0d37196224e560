"""The flows of deploy/n8n are whole, name what there is, and verify what Motte signs."""

import base64
import hashlib
import hmac
import json
import re
import subprocess
from pathlib import Path
from time import time
from typing import Any

import pytest

from server.api.openapi.document import describe
from server.api.routes import ROUTES
from server.cli.serve.launch import NODE

FLOWS = Path(__file__).parents[2] / "deploy" / "n8n"

#: Types of nodes that n8n brings, with the newest version that these flows may need.
KINDS = {
    "code": 2,
    "httpRequest": 4.2,
    "if": 2.2,
    "manualTrigger": 1,
    "noOp": 1,
    "removeDuplicates": 2,
    "respondToWebhook": 1.1,
    "set": 3.4,
    "webhook": 2,
}

KEY = bytes(range(24))
SECRET = f"whsec_{base64.b64encode(KEY).decode()}"
BODY = '{"id":"evt_1","type":"message.received","data":{"text":"Grüße 👋"}}'.encode()

every_flow = pytest.mark.parametrize("file", sorted(FLOWS.glob("*.json")), ids=lambda file: str(file.name))

#: What n8n gives a Code node, as far as these flows use it.
HARNESS = """
const { headers, body, code } = JSON.parse(require('fs').readFileSync(0))
const AsyncFunction = (async () => {}).constructor
const helpers = { getBinaryDataBuffer: async (index, name) => {
  if (index !== 0 || name !== 'data') throw new Error('no such data')
  return Buffer.from(body, 'base64')
} }
const $input = { first: () => ({ json: { headers } }) }
const run = new AsyncFunction('$input', 'require', code)
run.call({ helpers }, $input, require).then(items => console.log(JSON.stringify(items[0].json)))
"""


def flow(name: str) -> dict[str, Any]:
    return dict(json.loads((FLOWS / name).read_text()))


def node(name: str, *, kind: str) -> dict[str, Any]:
    [found] = [one for one in flow(name)["nodes"] if one["type"] == f"n8n-nodes-base.{kind}"]
    return dict(found)


@every_flow
def test_a_flow_has_nodes_that_n8n_knows_each_with_a_name_of_its_own(file: Path) -> None:
    nodes = flow(file.name)["nodes"]
    for each in nodes:
        package, _, kind = each["type"].partition(".")
        assert package == "n8n-nodes-base"
        assert each["typeVersion"] <= KINDS[kind]
        assert len(each["position"]) == 2
    assert len({each["name"] for each in nodes}) == len({each["id"] for each in nodes}) == len(nodes)


@every_flow
def test_a_flow_connects_every_node_with_its_trigger(file: Path) -> None:
    whole = flow(file.name)
    names = {each["name"] for each in whole["nodes"]}
    reached, ways = set[str](), [whole["nodes"][0]["name"]]
    while ways:
        name = ways.pop()
        reached.add(name)
        outputs = whole["connections"].get(name, {}).get("main", [])
        ways += [way["node"] for output in outputs for way in output if way["node"] not in reached]
    assert reached == names
    assert set(whole["connections"]) <= names


@every_flow
def test_a_flow_requests_routes_and_headers_that_there_are(file: Path) -> None:
    for each in flow(file.name)["nodes"]:
        if each["type"] != "n8n-nodes-base.httpRequest":
            continue
        parameters = each["parameters"]
        path = re.sub(r"^http://motte:8090", "", parameters["url"])
        [route] = [
            one
            for one in ROUTES
            if one.method == parameters["method"] and re.fullmatch(re.sub(r"{\w+}", "[^/]+", one.path), path)
        ]
        headers = {header["name"] for header in parameters["headerParameters"]["parameters"]}
        assert headers <= headers_of(route.method, route.path)


@every_flow
def test_no_flow_has_a_secret(file: Path) -> None:
    text = file.read_text()
    assert "motte_" not in text
    assert re.findall(r"whsec_\w+", text) in ([], ["whsec_PASTE_IT_HERE"])


def test_a_text_is_sent_with_a_key_that_its_data_make_and_again_if_that_fails() -> None:
    send = node("send.json", kind="httpRequest")
    headers = {one["name"]: one["value"] for one in send["parameters"]["headerParameters"]["parameters"]}
    assert headers == {"Idempotency-Key": "={{ $json.key }}", "Prefer": "wait=10"}
    assert send["retryOnFail"]
    assert send["parameters"]["options"]["timeout"] > 10_000


def test_events_come_as_they_were_signed() -> None:
    webhook = node("receive.json", kind="webhook")["parameters"]
    assert webhook["options"] == {"rawBody": True}
    assert (webhook["httpMethod"], webhook["responseMode"]) == ("POST", "responseNode")


def test_a_genuine_event_is_passed_on_as_it_is() -> None:
    assert verified(signed()) == {**json.loads(BODY), "isGenuine": True}


def test_an_event_with_two_signatures_is_genuine_if_one_is() -> None:
    headers = signed()
    both = f"v1,{base64.b64encode(bytes(32)).decode()} {headers['webhook-signature']}"
    assert verified({**headers, "webhook-signature": both})["isGenuine"]


@pytest.mark.parametrize(
    "forged",
    [
        {"webhook-signature": f"v1,{base64.b64encode(bytes(32)).decode()}"},
        {"webhook-signature": "v1,"},
        {"webhook-signature": None},
        {"webhook-id": "evt_2"},
        {"webhook-timestamp": "0"},
    ],
)
def test_an_event_that_is_not_genuine_is_not_passed_on(forged: dict[str, str | None]) -> None:
    headers = {name: value for name, value in {**signed(), **forged}.items() if value is not None}
    assert verified(headers) == {"isGenuine": False}


def test_an_event_with_other_bytes_is_not_genuine() -> None:
    assert verified(signed(), BODY + b" ") == {"isGenuine": False}


def test_an_old_event_is_not_genuine() -> None:
    assert verified(signed(at=time() - 301)) == {"isGenuine": False}


def signed(*, at: float | None = None) -> dict[str, str]:
    """The headers of a delivery, as https://www.standardwebhooks.com describes them."""
    moment = str(int(time() if at is None else at))
    digest = hmac.digest(KEY, f"evt_1.{moment}.".encode() + BODY, hashlib.sha256)
    return {
        "webhook-id": "evt_1",
        "webhook-timestamp": moment,
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }


def verified(headers: dict[str, str], body: bytes = BODY) -> dict[str, Any]:
    """What the Code node gives for a delivery."""
    code = node("receive.json", kind="code")["parameters"]["jsCode"]
    given = {
        "headers": headers,
        "body": base64.b64encode(body).decode(),
        "code": code.replace("whsec_PASTE_IT_HERE", SECRET),
    }
    ran = subprocess.run(
        [NODE, "-e", HARNESS], input=json.dumps(given), capture_output=True, text=True, check=True
    )
    return dict(json.loads(ran.stdout))


def headers_of(method: str, path: str) -> set[str]:
    """Headers that /openapi.json has for a request."""
    parameters = describe()["paths"][path][method.lower()]["parameters"]
    return {parameter["name"] for parameter in parameters if parameter["in"] == "header"}
