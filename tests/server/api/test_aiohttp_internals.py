"""Private parts of aiohttp that Motte uses. Another version may have them no longer."""

import re
from importlib.metadata import requires, version
from pathlib import Path

import pytest
from aiohttp import HttpVersion10, HttpVersion11, streams, web, web_protocol, web_urldispatcher
from aiohttp.test_utils import make_mocked_request
from packaging.requirements import Requirement

from server.api import http_protocol, http_server

#: Module or class -> what Motte uses of it.
USED = {
    web_protocol.RequestHandler: (
        *("_current_request", "_keepalive_handle", "_loop", "_messages", "_request_count", "_waiter"),
        "transport",
        *("connection_made", "data_received", "connection_lost", "pause_writing", "resume_writing"),
        *("handle_error", "force_close"),
    ),
    web_protocol: ("_ErrInfo",),
    streams: ("EMPTY_PAYLOAD",),
    web.PlainResource: ("_match",),
    web_urldispatcher: ("_unquote_path_safe",),
    web.AppRunner: ("_make_server",),
}

ADVICE = (
    "aiohttp {version} has no {owner}.{name}, which server/api/ uses: see "
    "what replaced it, change Motte, and only then the range in setup.py"
)


@pytest.mark.parametrize(
    ("owner", "name"),
    [pytest.param(owner, name, id=name) for owner, names in USED.items() for name in names],
)
def test_aiohttp_has_what_motte_uses_of_it(owner: object, name: str) -> None:
    shown = getattr(owner, "__name__", "")
    assert hasattr(owner, name), ADVICE.format(version=version("aiohttp"), owner=shown, name=name)


async def test_a_server_of_aiohttp_keeps_the_options_of_its_protocols() -> None:
    made = web.Server(lambda request: None)  # type: ignore[arg-type,return-value]
    for name in ("_kwargs", "_loop", "request_handler"):
        assert hasattr(made, name), ADVICE.format(version=version("aiohttp"), owner="Server", name=name)


def test_the_version_of_a_response_is_the_one_that_its_request_remembers() -> None:
    request = make_mocked_request("GET", "/", version=HttpVersion10)
    request._cache["version"] = HttpVersion11
    assert request.version == HttpVersion11, ADVICE.format(
        version=version("aiohttp"), owner="BaseRequest", name="_cache"
    )


def test_every_private_part_that_the_code_names_is_in_the_list() -> None:
    own = {*http_protocol.Protocol.__slots__, "_is_waiting"}
    named: set[str] = set()
    for module in (http_protocol, http_server):
        text = Path(module.__file__ or "").read_text()
        defined = set(re.findall(r"def (_\w+)", text))
        named |= set(re.findall(r"(?:self|request|super\(\))\.(_[a-z]\w+)", text))
        named -= defined - {"_make_server"}
    assert named - own - {"_kwargs"} - {"_cache"} <= {name for names in USED.values() for name in names}


@pytest.mark.parametrize("package", ["aiohttp", "supervisor"])
def test_a_wheel_takes_only_versions_of_the_series_that_is_tested(package: str) -> None:
    [asked] = [asked for asked in map(Requirement, requires("motte") or []) if asked.name == package]
    major, minor, *_ = version(package).split(".")
    assert version(package) in asked.specifier
    assert f"{major}.{int(minor) + 1}.0" not in asked.specifier, f"{package}: only tested versions"
