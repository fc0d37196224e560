"""`motte sandbox scan`, against stand-ins for the API and the sandbox."""

import asyncio
import json
from collections.abc import Generator
from typing import Any

import pytest
from aiohttp import web
from click.testing import Result

from server.core.paths import StateFolder
from tests.cli.conftest import Run
from tests.cli.stand_in import leading, serving


class FakeApi:
    """A Motte with the session `shop`, and the control port of a sandbox."""

    def __init__(self) -> None:
        self.session: dict[str, Any] = {"status": "qr_waiting", "qrCode": "https://wa.me/#2@code"}
        self.scan_status = 200
        self.scan_answer: dict[str, Any] = {"phoneNumber": "15551234567", "device": 3}
        #: What the sandbox was asked to scan.
        self.scans: list[dict[str, Any]] = []

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/sessions/shop", self._read)
        app.router.add_post("/control/scan", self._scan)
        return app

    async def _read(self, request: web.Request) -> web.Response:
        return web.json_response(self.session)

    async def _scan(self, request: web.Request) -> web.Response:
        self.scans.append(await request.json())
        return web.json_response(self.scan_answer, status=self.scan_status)


@pytest.fixture
def api() -> FakeApi:
    return FakeApi()


@pytest.fixture
def scan(run: Run, api: FakeApi, folder: StateFolder) -> Generator[Run]:
    """Run the command while the fake API answers."""

    async def scan(arguments: tuple[str, ...]) -> Result:
        async with serving(folder, api.app()) as url:
            folder.sandbox.write_text(json.dumps({"controlUrl": f"{url}/control"}))
            return await asyncio.to_thread(run, "sandbox", "scan", *arguments)

    with leading(folder):
        yield lambda *arguments: asyncio.run(scan(arguments))


def test_a_stopped_sandbox_is_3_with_the_command_that_starts_it(
    run: Run, folder: StateFolder, free_port: int
) -> None:
    """Another program may listen at its addresses: it gets no key."""
    folder.path.mkdir()
    folder.admin_key.write_text("motte_key\n")
    for file, name in ((folder.front, "url"), (folder.sandbox, "controlUrl")):
        file.write_text(json.dumps({name: f"http://127.0.0.1:{free_port}"}))
    result = run("sandbox", "scan", "shop")
    assert result.exit_code == 3
    assert "Motte does not run on the state folder" in result.stderr
    assert "To start it: motte serve --sandbox." in result.stderr


def test_the_code_of_the_session_is_scanned_and_the_phone_named(scan: Run, api: FakeApi) -> None:
    result = scan("shop")
    assert result.exit_code == 0
    assert result.output == "shop: scanned by 15551234567, as its device 3\n"
    assert api.scans == [{"qrCode": "https://wa.me/#2@code"}]


def test_as_json_the_phone_and_its_device_are_reported(scan: Run) -> None:
    shown = scan("shop", "--output", "json").stdout
    assert json.loads(shown) == {"id": "shop", "phoneNumber": "15551234567", "device": 3}


def test_the_phone_that_scans_can_be_chosen(scan: Run, api: FakeApi) -> None:
    scan("shop", "--phone", "15557654321")
    assert api.scans[0]["phoneNumber"] == "15557654321"


def test_its_number_is_taken_as_people_write_it(scan: Run, api: FakeApi) -> None:
    scan("shop", "--phone", "+1 (555) 765-4321")
    assert api.scans[0]["phoneNumber"] == "15557654321"
    result = scan("shop", "--phone", "05557654321")
    assert (result.exit_code, "no 0 at the" in result.stderr) == (2, True)


def test_a_session_without_a_code_is_4_and_says_its_status_and_why(scan: Run, api: FakeApi) -> None:
    reason = {"code": "pairing-code-awaited", "detail": "all QR codes were shown"}
    api.session = {"id": "shop", "status": "qr_waiting", "statusReason": reason, "qrCode": None}
    result = scan("shop")
    assert result.exit_code == 4
    assert "shop shows no code: it is qr_waiting (pairing-code-awaited: all QR codes" in result.stderr
    assert api.scans == []


def test_a_code_that_died_meanwhile_is_5(scan: Run, api: FakeApi) -> None:
    api.scan_status, api.scan_answer = 409, {"error": "code-dead"}
    result = scan("shop")
    assert result.exit_code == 5
    assert "the code expired before it was scanned" in result.stderr


def test_a_code_whose_secret_was_retired_during_the_scan_is_exit_code_5(scan: Run, api: FakeApi) -> None:
    api.scan_status, api.scan_answer = 409, {"error": "secret-retired"}
    result = scan("shop")
    assert result.exit_code == 5
    assert "retired the secret in the code during the scan: try again" in result.stderr


def test_an_unknown_session_is_1(scan: Run) -> None:
    result = scan("nobody")
    assert result.exit_code == 1


def test_without_a_running_sandbox_the_exit_code_is_3(run: Run) -> None:
    result = run("sandbox", "scan", "shop")
    assert result.exit_code == 3
    assert "no sandbox runs" in result.stderr
