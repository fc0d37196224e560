"""Simulated phones that write, by the control port of the sandbox next to this Motte."""

from typing import Any

import aiohttp
import msgspec

from server.core.errors import ConflictingState, WhatsAppUnreachable
from server.core.paths import StateFolder
from store.files import read_regular
from store.records.sessions import Session

TIMEOUT = aiohttp.ClientTimeout(total=10)

JSON = {"Content-Type": "application/json"}


class SandboxPhones:
    """The phones of the sandbox that has announced itself in the state folder."""

    def __init__(self, folder: StateFolder) -> None:
        self._folder = folder

    async def write(self, session: Session, *, sender: str, text: str, push_name: str | None) -> str:
        """Lets a phone write to the account of a session. Returns the id of the message.

        sender: the number of the phone, digits. push_name: the name that it shows.
        Raises ConflictingState if no account is linked, WhatsAppUnreachable if no sandbox responds.
        """
        if session.phone_number is None:
            raise ConflictingState(f"no account is linked while {session.status}", session=session)
        letter = {"from": sender, "to": session.phone_number, "text": text, "pushName": push_name}
        status, answer = await self._post("/send", letter)
        if status == 200:
            return str(answer["id"])
        if status == 404:
            raise ConflictingState("WhatsApp has no linked device of this account", session=session)
        raise WhatsAppUnreachable(f"the sandbox refuses the message: {answer.get('detail', status)}")

    async def _post(self, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Raises WhatsAppUnreachable."""
        try:
            url = msgspec.json.decode(read_regular(self._folder.sandbox))["controlUrl"]
            async with (
                aiohttp.ClientSession(timeout=TIMEOUT) as client,
                client.post(
                    f"{url}{path}", data=msgspec.json.encode(body), headers=JSON, allow_redirects=False
                ) as response,
            ):
                return response.status, dict(await response.json())
        except (OSError, KeyError, TypeError, ValueError, aiohttp.ClientError):
            raise WhatsAppUnreachable("the sandbox does not respond") from None
