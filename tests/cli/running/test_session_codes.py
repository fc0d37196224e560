"""`motte sessions create --qr` at a terminal, next to a real gateway."""

import pytest

from tests.cli.terminal_program import ended, run_in_terminal, whole
from tests.support.motte import Motte
from tests.support.phones import ANN, Phones
from tests.support.serve import API_KEY


@pytest.fixture(scope="module")
def settings() -> dict[str, str]:
    """The second code comes soon."""
    return {"MOTTE_QR_LIFETIME": "4"}


async def test_a_phone_scans_the_code_that_a_terminal_shows(motte: Motte, phones: Phones) -> None:
    environ = {"MOTTE_STATE": str(motte.folder.path), "MOTTE_API_KEY": API_KEY}
    async with run_in_terminal("sessions", "create", "shop", "--qr", environ=environ) as (program, process):
        await program.until(lambda: whole(program.screen) is not None)
        first = whole(program.screen)
        await program.until(lambda: whole(program.screen) not in (None, first))
        second = whole(program.screen)
        assert second
        await phones.scan(second)
        assert await ended(program, process) == 0
    assert program.text == f"shop: connected as {ANN}"
    assert (await motte.look())["status"] == "connected"
