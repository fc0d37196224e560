"""Why the store refuses.

StoreError
├── SessionExists
├── TooManySessions
├── TooManyWebhooks
├── NoSuchSession
├── NotOwner
├── SchemaTooNew
├── SchemaTooOld
├── SqliteTooOld
└── StoreUnavailable
"""

# The names say what is wrong; "Error" would say nothing more.

from typing import ClassVar


class StoreError(Exception):
    """The store refused."""

    message: ClassVar[str]

    def __init_subclass__(cls) -> None:
        cls.message = (cls.__doc__ or "").splitlines()[0]

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or self.message)


class SessionExists(StoreError):
    """A session of that id exists."""


class TooManySessions(StoreError):
    """There may be no more sessions."""


class TooManyWebhooks(StoreError):
    """There may be no more webhooks."""


class NoSuchSession(StoreError):
    """There is no session of that id."""


class NotOwner(StoreError):
    """Another front owns the session: it has another token, and nothing was written."""


class SchemaTooNew(StoreError):
    """The database was written by a newer Motte, and this one could damage it."""


class SchemaTooOld(StoreError):
    """The database was written by an older Motte, which may still use it."""


class SqliteTooOld(StoreError):
    """This Python is linked with a SQLite older than 3.37, which has no strict tables."""


class StoreUnavailable(StoreError):
    """The database cannot be used now: locked, full, read-only, damaged or closed."""
