"""`motte doctor` next to a running gateway."""

import json
import os
import signal

import pytest

from server.cli.doctor.finding import Verdict
from server.cli.doctor.processes import check_api
from tests.cli.running.conftest import RunCommand
from tests.support.motte import Motte
from tests.support.phones import Phones, Sandbox


async def test_nothing_is_wrong_with_a_gateway_at_work(
    motte: Motte, phones: Phones, sandbox: Sandbox, command: RunCommand, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in sandbox.settings.items():
        monkeypatch.setenv(name, value)
    await motte.connect()
    result = await command("doctor")
    assert result.exit_code == 0, result.output
    assert {line.split()[0] for line in result.stdout.splitlines()} == {"ok"}
    assert "supervisord: it answers" in result.stdout
    assert "api: ready" in result.stdout


async def test_a_front_that_hangs_is_wrong(motte: Motte) -> None:
    pid = json.loads(motte.folder.front.read_text())["pid"]
    os.kill(pid, signal.SIGSTOP)
    try:
        finding = await check_api(motte.folder, within=0.2)
    finally:
        os.kill(pid, signal.SIGCONT)
    assert (finding.verdict, finding.detail) == (Verdict.WRONG, "no answer within 0.2 seconds")
