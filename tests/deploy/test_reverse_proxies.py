"""The configurations of docs/how-to/reverse-proxy.md, run by nginx and Caddy if these are on this host."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import aiohttp
import pytest
import yaml

from server.api.prefer_header import MAX_WAIT_SECONDS
from server.core.addresses import Address
from server.core.listeners import bind, close_all
from server.core.parent_death import die_with
from server.core.settings.model import Settings
from tests.end_to_end.conftest import motte, phones, sandbox, serve, serves
from tests.support.eventually import eventually
from tests.support.motte import Motte
from tests.support.serve import API_KEY
from tests.support.shell import page

__all__ = ["motte", "phones", "sandbox", "serve", "serves"]

PAGE = page("reverse-proxy.md")

#: A certificate for `localhost`, with its key.
CERTIFICATE = Path(__file__).parents[1] / "support" / "self_signed.pem"

#: Seconds within which an event comes that a proxy forwards as it arrives.
AT_ONCE = 10

#: Seconds.
STOP_WITHIN = 2

TIMEOUT = aiohttp.ClientTimeout(total=AT_ONCE)

HEADERS = {"Authorization": f"Bearer {API_KEY}"}


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def free_port() -> int:
    bound = bind(Address("127.0.0.1", 0))
    port: int = bound[0].getsockname()[1]
    close_all(bound)
    return port


#: Where each proxy of this file listens, one after the other.
PORT = free_port()
URL = f"https://localhost:{PORT}"


@pytest.fixture(scope="module")
def settings() -> dict[str, str]:
    """Scan links begin with the address of the proxy."""
    return {"MOTTE_PUBLIC_URL": URL}


def at(text: str, motte: Motte) -> str:
    """The same with the address of a Motte that runs; the second front does not."""
    front = str(motte.serve.url()).removeprefix("http://")
    return text.replace("127.0.0.1:8090", front).replace("127.0.0.1:8092", f"127.0.0.1:{free_port()}")


def nginx(place: Path, motte: Motte, *, path: bool = False) -> list[str]:
    whole, location = (at(block, motte) for block in blocks("nginx"))
    if path:
        whole = re.sub(r" +location / \{.*?\}\n", lambda _: location, whole, flags=re.DOTALL)
    server = whole.replace("listen 443 ssl", f"listen 127.0.0.1:{PORT} ssl").replace(
        "/etc/ssl/motte.pem", str(CERTIFICATE)
    )
    server = server.replace("/etc/ssl/private/motte.key", str(CERTIFICATE))
    folders = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    paths = "".join(f"{name}_temp_path {place}/{name};\n" for name in folders)
    user = f"user {os.environ.get('USER', 'root')};\n" if os.geteuid() == 0 else ""
    (place / "nginx.conf").write_text(
        f"daemon off;\n{user}pid {place}/pid;\nerror_log stderr;\nevents {{}}\n"
        f"http {{\naccess_log off;\n{paths}{server}}}\n"
    )
    return ["nginx", "-p", str(place), "-c", str(place / "nginx.conf"), "-e", "stderr"]


def caddy(place: Path, motte: Motte) -> list[str]:
    (block,) = blocks("caddyfile")
    site = at(block, motte).replace(
        "motte.example.org {", f"{URL} {{\nbind 127.0.0.1\ntls {CERTIFICATE} {CERTIFICATE}"
    )
    (place / "Caddyfile").write_text(f"{{\nadmin off\nauto_https disable_redirects\n}}\n{site}")
    return ["caddy", "run", "--config", str(place / "Caddyfile"), "--adapter", "caddyfile"]


@contextmanager
def running(command: list[str], place: Path) -> Generator[None]:
    """Runs a proxy during the block. Skips the test if the program does not exist."""
    if shutil.which(command[0], path=f"{os.environ['PATH']}:/usr/sbin") is None:
        pytest.skip(f"there is no {command[0]} on this host")
    with (place / "log").open("wb") as log:
        process = subprocess.Popen(
            command,
            cwd=place,
            env={"PATH": f"{os.environ['PATH']}:/usr/sbin", "HOME": str(place)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            preexec_fn=partial(die_with, os.getpid()),
        )
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(STOP_WITHIN)
        except subprocess.TimeoutExpired:  # Caddy waits for streams to end
            process.kill()
            process.wait()
        sys.stdout.write((place / "log").read_text())


async def listens() -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", PORT)) == 0


@pytest.mark.parametrize("proxy", [nginx, caddy])
async def test_a_session_is_created_followed_and_linked_through_a_proxy(
    motte: Motte, tmp_path: Path, proxy: Callable[[Path, Motte], list[str]]
) -> None:
    with running(proxy(tmp_path, motte), tmp_path):
        await eventually(listens)
        async with caller(URL) as http:
            async with http.post("/sessions", json={"id": "shop"}) as created:
                assert (created.status, (await created.json())["status"]) == (201, "qr_waiting")
            async with http.get("/sessions/shop/events") as stream:
                assert "session.status" in await until_data(stream)
            async with http.post("/sessions/shop/scan-link") as made:
                link = (await made.json())["url"]
            assert link.startswith(f"{URL}/scan/")
            async with http.get(link, headers={"Authorization": ""}) as shown:
                assert (shown.status, shown.content_type) == (200, "text/html")
            form = {"Origin": URL, "X-Motte": "dashboard"}
            async with http.post("/login", json={"key": API_KEY}, headers=form) as login:
                assert login.status == 200, await login.text()


async def test_motte_is_used_under_a_path(motte: Motte, tmp_path: Path) -> None:
    with running(nginx(tmp_path, motte, path=True), tmp_path):
        await eventually(listens)
        async with caller(URL) as http:
            async with http.get("/wa/readyz") as ready:
                assert json.loads(await ready.text()) == {"status": "ready"}
            async with http.get("/readyz") as elsewhere:
                assert elsewhere.status == 404


def caller(url: str) -> aiohttp.ClientSession:
    """A client with an admin's key, which trusts any certificate."""
    untrusting = aiohttp.TCPConnector(ssl=False)
    return aiohttp.ClientSession(url, connector=untrusting, headers=HEADERS, timeout=TIMEOUT)


async def until_data(stream: aiohttp.ClientResponse) -> str:
    """What a stream sends up to its first event."""
    text = ""
    async for line in stream.content:
        text += line.decode()
        if line.startswith(b"data:"):
            return text
    raise AssertionError(text)


def test_each_proxy_waits_longer_than_any_response_takes() -> None:
    waits = re.findall(r"(?:proxy_read_timeout|response_header_timeout|responseHeaderTimeout:) (\d+)s", PAGE)
    assert len(waits) == 4
    settings = Settings(state=Path("/state"))
    longest = max(MAX_WAIT_SECONDS, settings.qr_timeout, settings.refresh_timeout)
    assert min(map(int, waits)) > longest


def test_the_configuration_of_traefik_has_what_its_parts_name() -> None:
    """Traefik is not on the hosts that run these tests."""
    (block,) = blocks("yaml")
    http = yaml.safe_load(block)["http"]
    (router,), (service,) = http["routers"].values(), http["services"].values()
    assert router["service"] in http["services"]
    assert service["loadBalancer"]["serversTransport"] in http["serversTransports"]
