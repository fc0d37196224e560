"""A host whose wall clock is set back an hour while codes are shown."""

import signal
from collections.abc import AsyncGenerator

import pytest

from tests.slow.second import SecondFront
from tests.support.eventually import eventually
from tests.support.moments import moment
from tests.support.motte import Motte
from tests.support.phones import Phones
from tests.support.serve import Serve

#: Seconds that a code is shown, and that it has left when it counts as expired.
LIFETIME, LEFT = 6.0, 4.5

#: Seconds.
HOUR = 3600.0


@pytest.fixture(scope="module")
def settings() -> dict[str, str]:
    return {"MOTTE_QR_LIFETIME": str(LIFETIME), "MOTTE_QR_MIN_VALIDITY": str(LEFT)}


@pytest.fixture
async def front(serve: Serve, motte: Motte) -> AsyncGenerator[SecondFront]:
    """It owns the pipes, in the place of the one whose clock nobody can set."""
    async with SecondFront.beside(serve, "tests.slow.stepped_front") as front:
        await serve.ctl("stop", "front")
        await front.says("owning")
        await eventually(lambda: is_announced_by(front, serve))
        yield front
        await serve.ctl("start", "front")


async def test_a_wall_clock_that_is_set_back_an_hour_brings_no_dead_code_to_life(
    front: SecondFront, motte: Motte, phones: Phones
) -> None:
    created = await motte.create()
    front.signal(signal.SIGUSR1)
    await eventually(lambda: shows_no_code(motte), within=LIFETIME - 1)  # before the next code comes
    fresh = await motte.read()
    assert fresh["qrCode"] not in (None, created["qrCode"])
    assert HOUR - 60 < moment(created["qrExpiresAt"]) - moment(fresh["qrExpiresAt"]) < HOUR
    await phones.scan(fresh["qrCode"])
    await motte.until("connected")
    assert await phones.counts() == (1, 1)


async def shows_no_code(motte: Motte) -> bool:
    """Whether the code has died, which it does though the clock on the wall says that it has an hour left."""
    return (await motte.look())["qrCode"] is None


async def is_announced_by(front: SecondFront, serve: Serve) -> bool:
    return serve.url() == front.url
