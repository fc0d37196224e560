"""Warm spares of a real Motte, as a test sees them."""

from server.connectors.supervisor_client import SupervisorClient
from tests.support.eventually import eventually
from tests.support.motte import Motte


async def warm_spare(motte: Motte, *, other_than: int | None = None) -> int:
    """The pid of a spare that waits for a session, once there is one. other_than: a pid."""
    supervisor = SupervisorClient(motte.folder.supervisor_socket)

    async def look() -> int | None:
        for spare in await supervisor.spares():
            is_warm = (motte.folder.spare(spare.id).path / "warm").exists()
            if is_warm and spare.pid != other_than:
                return spare.pid
        return None

    try:
        return await eventually(look)
    finally:
        await supervisor.close()
