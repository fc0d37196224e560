"""How the work of this package writes: in transactions of the front that owns the session."""

from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

from store.ports.unit_of_work import UnitOfWork

Result = TypeVar("Result")


class Within(Protocol):
    """Runs work in one transaction of a session."""

    def __call__(self, session_id: str, work: Callable[[UnitOfWork], Result]) -> Awaitable[Result]:
        """Returns what the work returns. Raises NotOwner, StoreUnavailable."""
