"""Parameters of queries."""

import msgspec
import pytest
from multidict import MultiDict

from server.api.openapi.schemas import parameters
from server.api.routes import ROUTES
from server.api.schemas.parsing import parse_query
from server.core.errors import ValidationFailed

QUERIES = {route.operation.query for route in ROUTES} - {None}


@pytest.mark.parametrize("query", sorted(QUERIES, key=str), ids=lambda query: query.__name__)
def test_null_is_no_value_but_of_a_text(query: type[msgspec.Struct]) -> None:
    for name, schema in parameters(query).items():
        if schema.get("type") != "string":
            with pytest.raises(ValidationFailed):
                parse_query(MultiDict({name: "null"}), query)
