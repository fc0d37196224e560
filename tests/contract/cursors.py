"""Read by schemathesis: of a request that fits its schema, a list refuses the cursor alone."""

from typing import Any

import schemathesis

BAD_REQUEST = 400


def only_a_cursor_is_bad(_: Any, response: Any, case: Any) -> None:
    """Called by schemathesis with every answer."""
    is_valid = case.meta is not None and case.meta.generation.mode.is_positive
    if is_valid and case.operation.method.upper() == "GET" and response.status_code == BAD_REQUEST:
        code = response.json()["code"]
        assert code == "bad-cursor", f"valid data is answered with {code}"


schemathesis.check(only_a_cursor_is_bad)
