"""`motte doctor` on the proxy of the sessions."""

import asyncio
import socket

import pytest

from server.cli.doctor.connectivity import Endpoint, check_proxy, check_whatsapp
from server.cli.doctor.finding import Finding, Verdict
from server.core.host_proxy import host_proxy
from server.core.proxies import Proxy
from tests.support.proxy import FakeProxy

WHATSAPP = "wss://web.whatsapp.com/ws/chat"


@pytest.mark.parametrize(
    ("setting", "environ", "url", "said"),
    [
        (None, {}, WHATSAPP, "sessions connect directly; 2 with a proxy of their own"),
        (
            "socks5://ann:s3cr3t@10.0.0.1:1080",
            {},
            WHATSAPP,
            "sessions connect through socks5://10.0.0.1:1080;",
        ),
        ("http://10.0.0.1:1", {}, "ws://127.0.0.1:8091/", "127.0.0.1:8091 is reached directly, not through"),
        (
            "environment",
            {"HTTPS_PROXY": "http://h:1", "NO_PROXY": "whatsapp.com"},
            WHATSAPP,
            "web.whatsapp.com:443 is reached directly, not through http://h:1",
        ),
    ],
)
def test_doctor_names_the_proxy_of_sessions(
    setting: str | None, environ: dict[str, str], url: str, said: str
) -> None:
    finding = check_proxy(host_proxy(setting, environ), url, 2)
    assert said in finding.detail
    assert "s3cr3t" not in str(finding)


@pytest.mark.parametrize("scheme", ["http", "socks5"])
@pytest.mark.parametrize(("password", "verdict"), [("right", Verdict.OK), ("s3cr3t", Verdict.WARNING)])
def test_doctor_tries_the_proxy(scheme: str, password: str, verdict: Verdict) -> None:
    async def tried() -> Finding:
        async with FakeProxy(scheme, to=server.getsockname(), credentials=("ann", "right")) as proxy:
            way = Proxy.parse(f"{scheme}://ann:{password}@{proxy.address}")
            finding = await asyncio.to_thread(check_whatsapp, there, way)
            assert proxy.asked == (["whatsapp.invalid:80"] if verdict is Verdict.OK else [])
            return finding

    there = Endpoint("whatsapp.invalid", 80, tls=False)
    with socket.create_server(("127.0.0.1", 0)) as server:
        finding = asyncio.run(tried())
    assert finding.verdict is verdict, finding
    assert f"whatsapp.invalid:80 through {scheme}://127.0.0.1:" in finding.detail
    assert "s3cr3t" not in str(finding)


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "https://127.0.0.1:1", "socks5://127.0.0.1:1"])
def test_a_proxy_that_is_not_there_is_a_warning(url: str) -> None:
    finding = check_whatsapp(Endpoint("whatsapp.invalid", 443, tls=True), Proxy.parse(url))
    assert finding.verdict is Verdict.WARNING
    assert "refused" in finding.detail
    assert finding.advice is not None
    assert "check the proxy" in finding.advice


@pytest.mark.parametrize("scheme", ["http", "https", "socks5"])
def test_a_proxy_that_says_nothing_is_a_warning_in_time(scheme: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        proxy = Proxy.parse(f"{scheme}://127.0.0.1:{server.getsockname()[1]}")
        finding = check_whatsapp(Endpoint("whatsapp.invalid", 443, tls=True), proxy, within=0.3)
    assert finding.verdict is Verdict.WARNING
    assert "no answer within 0.3 seconds" in finding.detail
