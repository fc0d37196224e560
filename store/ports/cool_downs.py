"""The port of cool-downs."""

from typing import Protocol

from store.records.cool_downs import CoolDown


class CoolDownStore(Protocol):
    """Cool-downs: one a session, and one for the whole host."""

    async def all(self) -> list[CoolDown]:
        """Every cool-down, those that are over included: they still count how often WhatsApp refused."""

    async def put(self, cool_down: CoolDown) -> None:
        """Writes the session's or the host's cool-down, in place of an earlier one."""

    async def delete(self, session_id: str) -> None:
        """Forgets one, with the count of refusals."""
