"""Where a trial takes place: a Motte of its own before a WhatsApp of its own."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import click

from tests.soak.asking import CREATE_WITHIN, REFRESH_WITHIN
from tests.soak.tally import Tally
from tests.support.motte import Answer, Motte
from tests.support.phones import Phones, Sandbox
from tests.support.serve import Serve

#: Seconds that each code lives, so that much happens in minutes.
LIFETIME = 3
#: Seconds after which WhatsApp ends a socket on which nobody was linked: a little after its last code.
SOCKET_LIFETIME = 6 * LIFETIME + 6

SETTINGS = {
    "MOTTE_QR_LIFETIME": str(LIFETIME),
    "MOTTE_QR_MIN_VALIDITY": "1",
    "MOTTE_QR_TIMEOUT": str(CREATE_WITHIN),
    "MOTTE_REFRESH_TIMEOUT": str(REFRESH_WITHIN),
}

#: Seconds until every session works again once WhatsApp is well: a paired one tries once a minute at least.
RECOVERS_WITHIN = 90.0


@asynccontextmanager
async def staged(tally: Tally, **settings: str) -> AsyncGenerator[Motte]:
    """A Motte that is ready; its logs are kept where something was found. settings: beside the usual ones."""
    sandbox = Sandbox()
    serve = Serve({**sandbox.settings, **SETTINGS, **settings})
    try:
        async with Phones(sandbox.control_url) as phones:
            await phones.show_codes_for(LIFETIME, ended_after=SOCKET_LIFETIME)
            async with Motte.opened(serve, phones) as motte:
                yield motte
    finally:
        serve.stop()
        sandbox.stop()
        if tally.is_clean or not tally.keeps_logs:
            serve.remove()
        else:
            click.echo(f"the logs are in {serve.folder.logs}")


async def recovers(motte: Motte, tally: Tally, session_id: str) -> Answer | None:
    """The first read that finds the session well: connected, or with a code; what does not is told."""
    answer = None
    try:
        async with asyncio.timeout(RECOVERS_WITHIN):
            while (
                answer is None or answer.status != 200 or answer.body["status"] in ("disconnected", "pairing")
            ):
                await asyncio.sleep(0.5)
                answer = await motte.get(session_id)
    except TimeoutError:
        tally.find("does not recover", f"{session_id}: {answer and answer.body}")
    return answer
