"""Parses the body and the query of a request; a broken rule becomes an error for the caller."""

from collections.abc import Mapping
from typing import TypeVar

import msgspec

from server.api.schemas.validation_messages import explained, why_not_json
from server.core.errors import MalformedJson, ValidationFailed

Schema = TypeVar("Schema", bound=msgspec.Struct)


def parse_body(body: bytes, schema: type[Schema], *, is_required: bool = False) -> Schema:
    """Returns the body of a request. An empty body stands for `{}` unless a body is required.

    Raises MalformedJson, ValidationFailed.
    """
    try:
        return msgspec.json.decode(body if is_required else body.strip() or b"{}", type=schema)
    except msgspec.ValidationError as error:
        detail, pointer = explained(error)
        raise ValidationFailed(detail, pointer=pointer) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedJson(why_not_json(error)) from None


def parse_query(query: Mapping[str, str], schema: type[Schema]) -> Schema:
    """Returns the query of a request. Raises ValidationFailed; its pointer is `?name`."""
    try:
        return msgspec.convert(dict(query), schema, strict=False)
    except msgspec.ValidationError as error:
        detail, pointer = explained(error)
        plain = detail.removesuffix(", not text")  # Every value of a query is text.
        raise ValidationFailed(plain, pointer="?" + pointer.removeprefix("/")) from None
