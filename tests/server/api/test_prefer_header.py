"""The header `Prefer`, as Motte reads it."""

import pytest
from multidict import CIMultiDict, CIMultiDictProxy

from server.api.prefer_header import Preferences


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
        (["wait=-1", "wait=soon"], Preferences()),
        (["wait=1.5"], Preferences()),
        (["wait=\u0665"], Preferences()),
        ([",,;="], Preferences()),
    ],
)
def test_what_can_be_read_is_honoured_and_the_rest_is_passed_over(
    lines: list[str], expected: Preferences
) -> None:
    headers = CIMultiDictProxy(CIMultiDict([("Prefer", line) for line in lines]))
    assert Preferences.of(headers) == expected
