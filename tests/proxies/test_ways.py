"""Sessions reach WhatsApp through the proxies that people run, and in no other way."""

import asyncio
import re
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from server.cli.sandbox.gateway import processes_of
from tests.end_to_end.test_secrets import told_at_its_start
from tests.proxies.programs import NAME, Program
from tests.proxies.resolver import Resolver
from tests.support.eventually import eventually
from tests.support.files import holders
from tests.support.motte import Motte
from tests.support.phones import ANN, Phones

CREDENTIALS = ("ann", "s3cr3tpassword")

Start = Callable[..., Program]
OpenMotte = Callable[..., Any]

pytestmark = pytest.mark.parametrize("scheme", ["http", "socks5"])


async def set_proxy(motte: Motte, proxy: str | None, session_id: str = "shop") -> dict[str, Any]:
    answer = await motte.ask("PATCH", f"/sessions/{session_id}", json={"proxy": proxy})
    return answer.session()


async def received(motte: Motte, phones: Phones, text: str) -> None:
    """Return once the session has a message that a phone writes now."""
    await phones.write(text)

    async def is_there() -> bool:
        page = (await motte.ask("GET", "/sessions/shop/messages")).body
        return text in {message["text"] for message in page["items"]}

    await eventually(is_there)


async def told(motte: Motte, code: str, session_id: str = "shop") -> dict[str, Any]:
    """The session once this is its reason."""

    async def has_reason() -> dict[str, Any] | None:
        session = await motte.look(session_id)
        reason = session["statusReason"] or {}
        return session if reason.get("code") == code else None

    return await eventually(has_reason)


@pytest.mark.parametrize("credentials", [None, CREDENTIALS], ids=["open", "with a password"])
async def test_the_proxy_of_the_host_carries_all_that_sessions_send(
    scheme: str,
    credentials: tuple[str, str] | None,
    start: Start,
    open_motte: OpenMotte,
    phones: Phones,
    resolver: Resolver | None,
) -> None:
    proxy = start(scheme, credentials=credentials)
    motte = await open_motte(MOTTE_PROXY=proxy.url)
    await motte.connect()
    await received(motte, phones, "first")
    assert proxy.carried() == 2  # a socket to register, and one to log in
    await phones.drop(ANN)
    await told(motte, "connection-lost")
    await motte.until("connected")
    await received(motte, phones, "second")
    assert proxy.carried() == 3
    assert (await motte.look())["proxy"] is None
    assert resolver is None or NAME not in resolver.asked
    if credentials:
        assert_nowhere(motte, credentials[1])


async def test_a_session_goes_through_its_own_proxy_and_changes_it_while_it_is_connected(
    scheme: str, start: Start, open_motte: OpenMotte, phones: Phones
) -> None:
    of_host, own = start("http"), start(scheme, credentials=CREDENTIALS)
    motte = await open_motte(MOTTE_PROXY=of_host.url)
    body = {"id": "shop", "proxy": own.url}
    created = (await motte.ask("POST", "/sessions", json=body)).session(201)
    assert created["proxy"] == own.shown
    await phones.scan(created["qrCode"])
    await motte.until("connected")
    assert (of_host.carried(), own.carried()) == (0, 2)

    assert (await set_proxy(motte, None))["proxy"] is None
    await eventually(lambda: is_carried(of_host, 1))
    await motte.until("connected")
    await received(motte, phones, "through the proxy of the host")
    await set_proxy(motte, own.url)
    await eventually(lambda: is_carried(own, 3))
    await motte.until("connected")
    await received(motte, phones, "through its own again")
    assert (of_host.carried(), own.carried()) == (1, 3)
    assert_nowhere(motte, CREDENTIALS[1])


async def test_a_code_dies_with_the_proxy_that_it_came_through(
    scheme: str, start: Start, open_motte: OpenMotte, phones: Phones
) -> None:
    first, second = start(scheme), start("http")
    motte = await open_motte(MOTTE_PROXY=first.url)
    created = await motte.create()
    session = await set_proxy(motte, second.url)
    assert (session["status"], session["qrCode"]) == ("qr_waiting", None)
    fresh = await motte.read()
    assert fresh["qrCode"] not in (None, created["qrCode"])
    await phones.scan(fresh["qrCode"])
    await motte.until("connected")
    assert first.carried() == 1


async def test_a_paired_session_outlives_the_proxy(
    scheme: str, start: Start, open_motte: OpenMotte, phones: Phones
) -> None:
    proxy = start(scheme)
    motte = await open_motte(MOTTE_PROXY=proxy.url)
    await motte.connect()
    proxy.stop()
    session = await told(motte, "proxy-failed")
    assert session["status"] == "disconnected"
    assert session["statusReason"]["detail"].endswith(f": {proxy.shown}: it refuses the connection")
    proxy.start()
    await motte.until("connected")


async def test_what_a_proxy_does_instead_of_its_work_is_told_at_once(
    scheme: str, start: Start, open_motte: OpenMotte
) -> None:
    proxy = start(scheme, credentials=CREDENTIALS)
    motte = await open_motte(MOTTE_PROXY=proxy.url.replace(CREDENTIALS[1], "wr0ngpassword"))
    problem = (await motte.post()).problem(502, "proxy-failed")
    assert f"{proxy.shown}: it does not take the user and the password" in problem["detail"]
    assert_in_no_other_file(motte, "wr0ngpassword")
    await set_proxy(motte, proxy.url)
    assert (await motte.read())["qrCode"]

    proxy.send(signal.SIGSTOP)  # from now on it takes connections and says nothing
    try:
        answer = await asyncio.wait_for(motte.post("other"), 40)
    finally:
        proxy.send(signal.SIGCONT)
    assert "no answer within 8 s" in answer.problem(502, "proxy-failed")["detail"]


async def test_other_programs_variables_count_only_if_they_are_asked_for(
    scheme: str, start: Start, open_motte: OpenMotte, resolver: Resolver | None
) -> None:
    proxy = start(scheme, credentials=CREDENTIALS)
    environment = {"HTTPS_PROXY": proxy.url}
    ignoring = await open_motte(**environment)
    (await ignoring.post()).problem(502, "whatsapp-unreachable")
    assert proxy.carried() == 0
    assert resolver is None or NAME in resolver.asked  # directly, this host has to know the name
    heeding = await open_motte(MOTTE_PROXY="environment", **environment)
    assert (await heeding.create())["qrCode"]
    assert proxy.carried() == 1
    assert_no_connector_knows(heeding, CREDENTIALS[1])


async def is_carried(proxy: Program, count: int) -> bool:
    return proxy.carried() >= count


def assert_nowhere(motte: Motte, password: str) -> None:
    """It is in the database alone, and in the environment of supervisord and of the front."""
    assert_in_no_other_file(motte, password)
    assert_no_connector_knows(motte, password)


def assert_in_no_other_file(motte: Motte, password: str) -> None:
    """It is in no file but the database."""
    database = motte.folder.database.name
    assert holders(motte.serve.place, password) <= {database, f"{database}-wal"}


def assert_no_connector_knows(motte: Motte, password: str) -> None:
    connectors = [
        process
        for process in processes_of(motte.folder)
        if re.search(rb"connector/(bundle/)?main\.c?js", command_line(process))
    ]
    assert connectors
    for process in connectors:
        assert password.encode() not in told_at_its_start(process)
    for process in processes_of(motte.folder):
        assert password.encode() not in command_line(process)


def command_line(process: int) -> bytes:
    return Path(f"/proc/{process}/cmdline").read_bytes()
