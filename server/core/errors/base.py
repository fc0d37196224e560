"""The base of all errors that callers see."""

import math
from collections.abc import Mapping
from copy import copy
from inspect import getdoc
from typing import ClassVar, Self

from store.records.sessions import Session, Status


class MotteError(Exception):
    """An error that a caller sees as a problem document.

    The first line of a class's docstring is its title; the rest is its detail unless an error has its own.
    """

    #: Stable, for programs.
    code: ClassVar[str]
    #: The HTTP status.
    status: ClassVar[int]
    #: Seconds after which the same request may succeed; None: it fails until something changes.
    retry_after: int | None = None
    #: Whether the same request may succeed then. A create that kept its session cannot: the session exists.
    can_be_repeated: bool = True
    #: Headers of the response in addition to `Retry-After`, with their meaning.
    described_headers: ClassVar[Mapping[str, str]] = {}

    def __init__(
        self, detail: str | None = None, *, session: Session | None = None, session_id: str | None = None
    ) -> None:
        #: One sentence for the person who debugs; never contains a secret.
        self.detail = detail or self.default_detail() or self.title()
        super().__init__(self.detail)
        #: The session as it is now, if the error concerns one that exists.
        self.session = session
        self._session_id = session_id

    def __copy__(self) -> Self:
        """Copies without calling the class, whose arguments an exception does not keep."""
        copied = type(self).__new__(type(self), *self.args)
        copied.__dict__.update(self.__dict__)
        return copied

    @property
    def session_id(self) -> str | None:
        """The id of the session that the response names in `Location`."""
        return self.session.id if self.session else self._session_id

    @property
    def is_retryable(self) -> bool:
        """Whether the same request may succeed after `retry_after`. Not if the session waits for a person."""
        needs_person = self.session is not None and self.session.status is Status.FAILED
        return self.retry_after is not None and self.can_be_repeated and not needs_person

    @classmethod
    def title(cls) -> str:
        """Returns the sentence that is the same for every error of this class."""
        return (getdoc(cls) or cls.__name__).partition("\n")[0].rstrip(".")

    @classmethod
    def default_detail(cls) -> str:
        """Returns the detail of an error that was raised without one; empty if the class has none."""
        return " ".join((getdoc(cls) or "").partition("\n")[2].split()).rstrip(".")

    def with_session(self, session: Session) -> Self:
        """Returns a copy for one caller that shows the session: other callers may have this very error."""
        copied = copy(self)
        copied.session = self.session or session
        return copied

    def without_session(self) -> Self:
        """Returns a copy for a caller that must not see the session."""
        copied = copy(self)
        copied.can_be_repeated = self.is_retryable
        copied.session = None
        return copied

    def for_kept_session(self, session: Session) -> Self:
        """Returns a copy for a create that kept its session: a read may succeed later, the create cannot."""
        copied = self.with_session(session)
        copied.can_be_repeated = False
        return copied

    def with_retry_after(self, seconds: float) -> Self:
        """Returns a copy with this `Retry-After`."""
        copied = copy(self)
        copied.retry_after = max(1, math.ceil(seconds))
        return copied

    def headers(self) -> Mapping[str, str]:
        """Returns the headers of the response."""
        return {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}


def kinds(of: type[MotteError] = MotteError) -> list[type[MotteError]]:
    """Returns every class of error that callers see, below this one and with it."""
    found = [of] if hasattr(of, "code") else []
    return found + [kind for child in of.__subclasses__() for kind in kinds(child)]


#: `described_headers` of an error that concerns a session.
SESSION_LOCATION = {"Location": "the address of the session, if the error concerns one"}
