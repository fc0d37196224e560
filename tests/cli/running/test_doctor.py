"""`motte doctor` beside a running gateway."""

import pytest

from tests.cli.running.conftest import Beside
from tests.end_to_end.motte import Motte
from tests.end_to_end.whatsapp import Phones, Sandbox


async def test_nothing_is_wrong_with_a_gateway_at_work(
    motte: Motte, phones: Phones, sandbox: Sandbox, beside: Beside, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in sandbox.settings.items():
        monkeypatch.setenv(name, value)
    await motte.connect()
    result = await beside("doctor")
    assert result.exit_code == 0, result.output
    assert {line.split()[0] for line in result.stdout.splitlines()} == {"ok"}
    assert "supervisord: it answers" in result.stdout
