"""What an error says of itself."""

import pytest

from server import visitor
from server.errors import (
    BadRequest,
    Denied,
    InternalError,
    MethodNotAllowed,
    MotteError,
    NotAcceptable,
    NotFound,
    ShuttingDown,
)


def kinds(of: type[MotteError] = MotteError) -> list[type[MotteError]]:
    """Every class of error that callers can be told."""
    found = [of] if hasattr(of, "code") else []
    return found + [kind for child in of.__subclasses__() for kind in kinds(child)]


#: Only raised with a detail of their own: these have nothing to say in general.
PARTICULAR = {
    "not-found",
    "malformed-json",
    "validation-failed",
    "method-not-allowed",
    "body-too-large",
    "not-acceptable",
    "forbidden",
    "rate-limited",
    "session-exists",
    "conflicting-state",
}


@pytest.mark.parametrize("kind", kinds())
def test_an_error_without_a_detail_of_its_own_says_more_than_its_title(kind: type[MotteError]) -> None:
    if kind.code not in PARTICULAR:
        assert kind().detail != kind.title()


def test_a_front_that_has_another_do_the_work_can_tell_every_error_of_that_work() -> None:
    of_the_request = {*kinds(BadRequest), *kinds(Denied), NotFound, MethodNotAllowed, NotAcceptable}
    of_the_front = {ShuttingDown, InternalError}
    assert set(visitor.ERRORS.values()) == {*kinds()} - of_the_request - of_the_front
