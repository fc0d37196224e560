"""Parses the body and the query of a request; a broken rule becomes an error for the caller."""

from functools import cache
from typing import TypeVar

import msgspec
from multidict import MultiMapping

from server.api.schemas.malformed_json import BYTE_ORDER_MARK, why_not_json
from server.api.schemas.validation_messages import explained
from server.core.errors import MalformedJson, ValidationFailed

Schema = TypeVar("Schema", bound=msgspec.Struct)


def parse_body(body: bytes, schema: type[Schema], *, is_required: bool = False) -> Schema:
    """Returns the body of a request. An empty body stands for `{}` unless a body is required.

    Raises MalformedJson, ValidationFailed.
    """
    body = body.removeprefix(BYTE_ORDER_MARK)
    try:
        return msgspec.json.decode(body if is_required else body.strip() or b"{}", type=schema)
    except msgspec.ValidationError as error:
        detail, pointer = explained(error, schema)
        raise ValidationFailed(detail, pointer=pointer) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedJson(why_not_json(error, body)) from None


def parse_query(query: MultiMapping[str], schema: type[Schema]) -> Schema:
    """Returns the query of a request. Raises ValidationFailed; its pointer is `?name`.

    A list takes repeated parameters and commas; any other parameter may be given once.
    """
    try:
        return msgspec.convert(_values(query, schema), schema, strict=False)
    except msgspec.ValidationError as error:
        detail, pointer = explained(error, schema)
        plain = detail.removesuffix(", not text")  # Every value of a query is text.
        raise ValidationFailed(plain, pointer=f"?{pointer.split('/')[1]}") from None


def _values(query: MultiMapping[str], schema: type[msgspec.Struct]) -> dict[str, str | list[str]]:
    """Returns the value of each parameter. Raises ValidationFailed."""
    lists = _lists(schema)
    values: dict[str, str | list[str]] = {}
    for name in dict.fromkeys(query):
        given = query.getall(name)
        if name in lists:
            values[name] = [part for value in given for part in value.split(",")]
        elif len(given) > 1:
            raise ValidationFailed("was given more than once", pointer=f"?{name}")
        else:
            values[name] = given[0]
    return values


@cache
def _lists(schema: type[msgspec.Struct]) -> frozenset[str]:
    """Returns the parameters that may be given more than once. msgspec takes longer than many a request."""
    return frozenset(field.encode_name for field in msgspec.structs.fields(schema) if _is_list(field.type))


def _is_list(kind: object) -> bool:
    """Whether a parameter of this type may be given more than once."""
    described = msgspec.inspect.type_info(kind)
    plain = described.type if isinstance(described, msgspec.inspect.Metadata) else described
    return isinstance(plain, msgspec.inspect.ListType)
