"""`motte sessions create --qr` at a terminal, next to a real gateway."""

import pytest

from tests.cli.seat import ended, seated, whole
from tests.support.motte import Motte
from tests.support.phones import ANN, Phones
from tests.support.serve import API_KEY


@pytest.fixture(scope="module")
def settings() -> dict[str, str]:
    """The second code comes soon."""
    return {"MOTTE_QR_LIFETIME": "4"}


async def test_a_phone_scans_the_code_that_a_terminal_shows(motte: Motte, phones: Phones) -> None:
    environ = {"MOTTE_STATE": str(motte.folder.path), "MOTTE_API_KEY": API_KEY}
    async with seated("sessions", "create", "shop", "--qr", environ=environ) as (seat, process):
        await seat.until(lambda: whole(seat.screen) is not None)
        first = whole(seat.screen)
        await seat.until(lambda: whole(seat.screen) not in (None, first))
        second = whole(seat.screen)
        assert second
        await phones.scan(second)
        assert await ended(seat, process) == 0
    assert seat.text == f"shop: connected as {ANN}"
    assert (await motte.look())["status"] == "connected"
