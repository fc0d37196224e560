"""What an error says of itself."""

import pytest

from server.cluster import follower as follower
from server.core.errors import (
    BadRequest,
    Denied,
    InternalError,
    LeaderUnavailable,
    MethodNotAllowed,
    MotteError,
    NotAcceptable,
    NotFound,
    RateLimited,
    ShuttingDown,
    ValidationFailed,
    kinds,
)

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
    of_the_front = {ShuttingDown, InternalError, LeaderUnavailable}
    assert set(follower.ERRORS.values()) == {*kinds()} - of_the_request - of_the_front


@pytest.mark.parametrize(
    "error",
    [
        RateLimited("too many", wait=9.5),
        ValidationFailed("must be text", pointer="/name"),
        MethodNotAllowed("GET, HEAD"),
        *(
            kind("so it is")
            for kind in kinds()
            if kind not in (RateLimited, ValidationFailed, MethodNotAllowed)
        ),
    ],
    ids=lambda error: error.code,
)
def test_every_error_can_be_told_to_one_caller_without_its_session(error: MotteError) -> None:
    told = error.without_session()
    assert told is not error
    assert (type(told), told.detail, str(told), told.headers()) == (
        type(error),
        error.detail,
        str(error),
        error.headers(),
    )
