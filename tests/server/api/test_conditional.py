"""The header `If-None-Match`, as clients and proxies send it."""

import pytest
from multidict import CIMultiDict, CIMultiDictProxy

from server.api.conditional import held_etags


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([], set()),
        (['W/"ab-cd"'], {"ab-cd"}),
        (['"ab-cd"'], {"ab-cd"}),
        (["ab-cd"], {"ab-cd"}),
        (["W/ab-cd"], {"ab-cd"}),
        (['w/"ab-cd"'], {"ab-cd"}),
        ([r"W/\"ab-cd\""], {"ab-cd"}),
        (['"W/"ab-cd""'], {"ab-cd"}),
        (['W/"ab-cd-gzip"'], {"ab-cd"}),
        (['W/"ab-cd--gzip"'], {"ab-cd"}),
        (['"ab-cd;br"'], {"ab-cd"}),
        (['"ab-cd":zstd'], {"ab-cd"}),
        (['"ab-cd"-gzip'], {"ab-cd"}),
        (['W/"ab", "cd"', "ef"], {"ab", "cd", "ef"}),
        (["*"], {"*"}),
        ([',, "",'], set()),
    ],
)
def test_what_is_between_the_quotes_is_found(lines: list[str], expected: set[str]) -> None:
    headers = CIMultiDictProxy(CIMultiDict([("If-None-Match", line) for line in lines]))
    assert held_etags(headers) == expected
