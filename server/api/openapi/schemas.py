"""JSON schemas of the OpenAPI document."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from server.api.openapi.operation import JSON, Operation
from server.documents.problem import Problem

REF_TEMPLATE = "#/components/schemas/{name}"


def schema_of(schema: Any) -> dict[str, Any]:
    """Returns a reference to the component of a type. A JSON schema is returned as it is."""
    if isinstance(schema, dict):
        return schema
    schemas, _ = msgspec.json.schema_components([schema], ref_template=REF_TEMPLATE)
    return dict(schemas[0])


def components(operations: Iterable[Operation]) -> dict[str, Any]:
    """Returns the schema of every type that the operations use in bodies and parameters, by its name."""
    types: list[Any] = [Problem]
    queries: set[str] = set()
    for operation in operations:
        if operation.query is not None:
            types.append(operation.query)
            queries.add(operation.query.__name__)
        contents = [response.content.get(JSON) for response in operation.responses.values()]
        types += [content.schema for content in contents if content is not None]
        if operation.body is not None:
            types.append(operation.body.schema)
    structs = [schema for schema in types if isinstance(schema, type)]
    described = msgspec.json.schema_components(structs, ref_template=REF_TEMPLATE)[1]
    return {name: _with_defaults_in_words(described[name]) for name in described if name not in queries}


def parameters(query: type[msgspec.Struct]) -> Mapping[str, dict[str, Any]]:
    """Returns the schema of each parameter of a query. None in its type means that it may be absent."""
    schema = msgspec.json.schema_components([query], ref_template=REF_TEMPLATE)[1][query.__name__]
    return {name: _without_null(parameter) for name, parameter in schema["properties"].items()}


def _with_defaults_in_words(schema: dict[str, Any]) -> dict[str, Any]:
    """Moves the defaults of a body's members into their descriptions.

    Generators of clients, such as openapi-typescript, take a member with a default for one that is present.
    """
    members = {name: _in_words(member) for name, member in schema.get("properties", {}).items()}
    return {**schema, "properties": members} if members else schema


def _in_words(member: dict[str, Any]) -> dict[str, Any]:
    plain = {name: value for name, value in member.items() if name != "default"}
    default = member.get("default")
    if default is None:
        return plain
    words = (member.get("description"), f"default: {msgspec.json.encode(default).decode()}")
    return {**plain, "description": "; ".join(filter(None, words))}


def _without_null(parameter: dict[str, Any]) -> dict[str, Any]:
    match parameter:
        case {"anyOf": [dict(schema), {"type": "null"}]}:
            return schema
        case {"default": []}:
            return {name: value for name, value in parameter.items() if name != "default"}
    return parameter
