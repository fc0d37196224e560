"""What an error says of itself."""

import pytest

from server.errors import MotteError


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
