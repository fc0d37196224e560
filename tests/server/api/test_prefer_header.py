"""The header `Prefer`, as Motte reads it."""

import pytest
from multidict import CIMultiDict, CIMultiDictProxy

from server.api.prefer_header import Preferences, applied_wait
from server.core.errors import BadRequest


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([], Preferences()),
        (["wait=10"], Preferences(wait=10)),
        (['wait="10"'], Preferences(wait=10)),
        (["WAIT = 10"], Preferences(wait=10)),
        (["wait=3600"], Preferences(wait=60)),
        (["wait=0"], Preferences(wait=0)),
        (["wait=10, wait=20"], Preferences(wait=10)),
        (["respond-async"], Preferences(respond_async=True)),
        (["respond-async; foo", "wait=5"], Preferences(wait=5, respond_async=True)),
        (["handling=lenient"], Preferences()),
        (["wait=1.5"], Preferences(wait=1.5)),
        (["wait=" + "9" * 400], Preferences(wait=60)),
        ([",,;="], Preferences()),
    ],
)
def test_what_can_be_read_is_honoured_and_the_rest_is_passed_over(
    lines: list[str], expected: Preferences
) -> None:
    headers = CIMultiDictProxy(CIMultiDict([("Prefer", line) for line in lines]))
    assert Preferences.of(headers) == expected


@pytest.mark.parametrize(
    "line", ["wait=3s", "wait=-1", "wait=soon", "wait=", "wait", "wait=1e1", "wait=\u0665", "wait=nan"]
)
def test_a_wait_that_is_no_time_is_refused(line: str) -> None:
    headers = CIMultiDictProxy(CIMultiDict([("Prefer", line)]))
    with pytest.raises(BadRequest, match=r"the preference wait is not a number of seconds, such as wait=20"):
        Preferences.of(headers)


@pytest.mark.parametrize(("seconds", "shown"), [(60.0, "60"), (2.5, "2.5"), (0, "0")])
def test_the_wait_that_was_applied_is_reported(seconds: float, shown: str) -> None:
    assert applied_wait(seconds) == {"Preference-Applied": f"wait={shown}"}
