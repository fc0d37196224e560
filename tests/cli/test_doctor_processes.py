"""`motte doctor` on the processes: supervisord, the connectors, the front, and the one that delivers."""

import asyncio
import fcntl
import json
import socket
from contextlib import closing
from functools import partial
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from server.cli.doctor import processes
from server.cli.doctor.finding import Finding, Verdict
from server.cli.doctor.processes import (
    REQUEST_TIMEOUT_SECONDS,
    check_api,
    check_connectors,
    check_supervisord,
    check_webhooks,
)
from server.cluster.leader_lock import LeaderLock
from server.connectors.supervisor_client import Program, SupervisorClient
from server.core.paths import StateFolder
from server.webhooks.fields import BY_CALLER
from store.records.webhooks import Webhook
from tests.cli.conftest import is_wrong
from tests.cli.samples import furnish, in_store


def test_a_supervisord_that_does_not_answer_is_wrong(
    motte: StateFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "SupervisorClient", partial(SupervisorClient, within=0.1))
    with socket.socket(socket.AF_UNIX) as supervisord:
        supervisord.bind(str(motte.supervisor_socket))
        supervisord.listen()
        finding = asyncio.run(check_supervisord(motte))
    assert is_wrong(finding, "supervisord does not answer")


class Listing:
    """A supervisord that lists these programs."""

    def __init__(self, *programs: Program) -> None:
        self._programs = programs

    async def list(self) -> list[Program]:
        return list(self._programs)

    async def close(self) -> None:
        pass


@pytest.mark.parametrize(
    ("state_name", "tries", "is_found"),
    [("RUNNING", 0, False), ("BACKOFF", 2, False), ("BACKOFF", 9, True), ("FATAL", 5, True)],
)
def test_a_connector_that_crashes_again_and_again_is_named(
    motte: StateFolder, monkeypatch: pytest.MonkeyPatch, state_name: str, tries: int, is_found: bool
) -> None:
    program = Program("shop", state_name, None, 1, tries, None)
    monkeypatch.setattr(processes, "SupervisorClient", lambda socket: Listing(program))
    monkeypatch.setattr(processes, "supervisord_runs", lambda folder: True)
    finding = asyncio.run(check_connectors(motte))
    assert (finding.verdict is Verdict.WARNING) == is_found
    assert (f"shop ({tries})" in finding.detail) == is_found


def asked(folder: StateFolder, url: str, *, within: float = REQUEST_TIMEOUT_SECONDS) -> Finding:
    """What is found where a front holds the lock and says that it listens there."""
    folder.front.write_text(json.dumps({"url": url, "pid": 1}))
    with closing(LeaderLock(folder)) as front:
        assert front.take()
        return asyncio.run(check_api(folder, within=within))


def test_a_front_that_hangs_is_wrong(motte: StateFolder) -> None:
    """The kernel goes on taking connections for it."""
    with socket.create_server(("127.0.0.1", 0)) as front:
        url = f"http://127.0.0.1:{front.getsockname()[1]}"
        finding = asked(motte, url, within=0.2)
    assert is_wrong(finding, "no answer within 0.2 seconds")
    assert "motte ctl restart front" in str(finding.advice)


def test_a_front_that_does_not_listen_is_wrong(motte: StateFolder) -> None:
    assert is_wrong(asked(motte, "http://127.0.0.1:1"), "nobody answers at http://127.0.0.1:1")


def test_webhooks_without_a_process_that_delivers_are_a_warning(motte: StateFolder) -> None:
    assert check_webhooks(motte).detail == "not running"
    with closing(LeaderLock(motte)) as front:
        assert front.take()
        assert check_webhooks(motte).detail == "none"
        webhook = Webhook(id="wh_1", url="http://127.0.0.1:1/", secret="", give_up_after=60, created_at=0)
        in_store(motte, lambda store: store.webhooks.add(webhook, most=1))
        assert check_webhooks(motte).verdict is Verdict.WARNING
        motte.deliverer.mkdir()
        with motte.deliverer_lock.open("w") as lock:
            assert check_webhooks(motte).verdict is Verdict.WARNING
            fcntl.flock(lock, fcntl.LOCK_EX)
            assert check_webhooks(motte).verdict is Verdict.OK


def test_webhooks_that_fail_or_that_motte_disabled_are_a_warning_with_the_reason(motte: StateFolder) -> None:
    """One that a caller disabled is as the caller wants it."""

    def finding_of(**trouble: Any) -> Finding:
        webhook = Webhook(
            id="wh_1", url="http://127.0.0.1:1/", secret="", give_up_after=60, created_at=0, **trouble
        )
        in_store(motte, lambda store: store.webhooks.delete("wh_1"))
        in_store(motte, lambda store: store.webhooks.add(webhook, most=1))
        return check_webhooks(motte)

    motte.deliverer.mkdir()
    with closing(LeaderLock(motte)) as front, motte.deliverer_lock.open("w") as lock:
        assert front.take()
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert finding_of(disabled=BY_CALLER).verdict is Verdict.OK
        failing = finding_of(failing_since=1, failure="HTTP 500")
        disabled = finding_of(disabled="the webhook answered 410 Gone")
    assert {failing.verdict, disabled.verdict} == {Verdict.WARNING}
    assert failing.detail == "1; 1 fails: wh_1 (HTTP 500)"
    assert "motte webhooks deliveries" in str(failing.advice)
    assert "--enable" not in str(failing.advice)
    assert disabled.detail == "1; 1 is disabled: wh_1 (the webhook answered 410 Gone)"
    assert "--enable" in str(disabled.advice)
    assert "deliveries" not in str(disabled.advice)


@pytest.mark.parametrize(("status", "verdict"), [(200, Verdict.OK), (503, Verdict.WRONG)])
def test_whether_the_front_can_work_is_its_own_word(
    motte: StateFolder, status: int, verdict: Verdict
) -> None:
    async def readiness(request: web.Request) -> web.Response:
        return web.json_response({"code": "store-unavailable", "detail": "locked"}, status=status)

    async def ask() -> Finding:
        app = web.Application()
        app.router.add_get("/readyz", readiness)
        async with TestServer(app) as server:
            return await asyncio.to_thread(asked, motte, str(server.make_url("")).rstrip("/"))

    finding = asyncio.run(ask())
    assert finding.verdict is verdict
    assert ("store-unavailable: locked" in finding.detail) is (verdict is Verdict.WRONG)


def test_a_sandbox_that_runs_on_the_folder_next_to_it_is_named(motte: StateFolder) -> None:
    assert asyncio.run(check_supervisord(motte)).detail == "not running"
    own = StateFolder(motte.path.with_name("state-sandbox"))
    furnish(own)
    with closing(LeaderLock(own)) as front:
        assert front.take()
        found = asyncio.run(check_supervisord(motte))
    assert found.verdict is Verdict.OK
    assert found.detail == f"not running; a sandbox runs on {own.path}: add --state {own.path}"
