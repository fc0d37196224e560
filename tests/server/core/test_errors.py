"""What an error says of itself."""

import re
from collections.abc import Iterator

import pytest

from server.cluster import leader_requests
from server.core import errors
from server.core.errors import (
    AmbiguousMessage,
    BadRequest,
    Denied,
    InternalError,
    LeaderUnavailable,
    MethodNotAllowed,
    MotteError,
    NoSuchWebhook,
    NotAcceptable,
    NotFound,
    OutboxFull,
    RateLimited,
    ShuttingDown,
    TooLate,
    ValidationFailed,
    WebhooksFull,
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
    "ambiguous-message",
}


@pytest.mark.parametrize("kind", kinds())
def test_an_error_without_a_detail_of_its_own_says_more_than_its_title(kind: type[MotteError]) -> None:
    if kind.code not in PARTICULAR:
        assert kind().detail != kind.title()


def test_a_front_that_has_another_do_the_work_can_tell_every_error_of_that_work() -> None:
    of_the_request = {*kinds(BadRequest), *kinds(Denied), NotFound, MethodNotAllowed, NotAcceptable}
    of_the_front = {ShuttingDown, InternalError, LeaderUnavailable}
    of_any_front = {AmbiguousMessage, OutboxFull, TooLate}  # each takes messages
    of_any_front |= {NoSuchWebhook, WebhooksFull}
    assert set(leader_requests.ERRORS.values()) == {*kinds()} - of_the_request - of_the_front - of_any_front


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


def test_the_tree_names_every_error_with_its_status_and_code_below_its_family() -> None:
    tree = re.findall(
        r"^    ([│ ]*)[├└]── (\w+)(?: +(\d{3}) ([a-z-]+))?$", errors.__doc__ or "", re.MULTILINE
    )
    families: list[str] = []
    drawn = {}
    for margin, name, status, code in tree:
        families[len(margin) // 4 :] = [name]
        family = families[-2] if len(families) > 1 else "MotteError"
        drawn[name] = (family, status and int(status), code)
    assert drawn == {kind.__name__: _drawn(kind) for kind in _below(MotteError)}


def _drawn(kind: type[MotteError]) -> tuple[str, str | int, str]:
    """Its family, and its status and its code unless it is a family itself."""
    own = (kind.status, kind.code) if hasattr(kind, "code") else ("", "")
    return (kind.__mro__[1].__name__, *own)


def _below(kind: type[MotteError]) -> Iterator[type[MotteError]]:
    """All classes of the package below one, families too."""
    for child in kind.__subclasses__():
        if child.__module__.startswith("server.core.errors"):
            yield child
            yield from _below(child)
