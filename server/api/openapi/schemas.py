"""JSON schemas of the OpenAPI document."""

from collections.abc import Iterable
from typing import Any

import msgspec

from server.api.openapi.operation import JSON, Operation
from server.api.schemas.problem import Problem

REF_TEMPLATE = "#/components/schemas/{name}"


def schema_of(schema: Any) -> dict[str, Any]:
    """Returns a reference to the component of a type. A JSON schema is returned as it is."""
    if isinstance(schema, dict):
        return schema
    schemas, _ = msgspec.json.schema_components([schema], ref_template=REF_TEMPLATE)
    return dict(schemas[0])


def components(operations: Iterable[Operation]) -> dict[str, Any]:
    """Returns the schema of every type that the operations use in bodies, by its name."""
    types: list[Any] = [Problem]
    for operation in operations:
        contents = [response.content.get(JSON) for response in operation.responses.values()]
        types += [content.schema for content in contents if content is not None]
        if operation.body is not None:
            types.append(operation.body.schema)
    structs = [schema for schema in types if isinstance(schema, type)]
    return dict(msgspec.json.schema_components(structs, ref_template=REF_TEMPLATE)[1])
