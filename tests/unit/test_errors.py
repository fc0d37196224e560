"""What an error says of itself."""

from collections.abc import Iterator

import pytest

from server.errors import MotteError


def _kinds(of: type[MotteError]) -> Iterator[type[MotteError]]:
    for kind in of.__subclasses__():
        yield kind
        yield from _kinds(kind)


#: Only raised with a detail of their own: these have nothing to say in general.
PARTICULAR = {
    "not-found",
    "malformed-json",
    "validation-failed",
    "method-not-allowed",
    "body-too-large",
    "forbidden",
    "rate-limited",
    "session-exists",
    "conflicting-state",
}


@pytest.mark.parametrize("kind", [kind for kind in _kinds(MotteError) if hasattr(kind, "code")])
def test_an_error_without_a_detail_of_its_own_says_more_than_its_title(kind: type[MotteError]) -> None:
    if kind.code not in PARTICULAR:
        assert kind().detail != kind.title()
