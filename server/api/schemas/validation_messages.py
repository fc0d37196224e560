"""Translates validation errors of msgspec: into plain words and a JSON pointer."""

import re

import msgspec

#: msgspec's names of the JSON types, with plain words for them.
_KINDS = {
    "str": "text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "object": "an object",
    "array": "a list",
}
_BOUNDS = {">=": "at least", "<=": "at most", ">": "more than", "<": "less than"}

_PLACE = re.compile(r" - at `\$(?P<path>[^`]*)`$")
_UNKNOWN = re.compile(r"Object contains unknown field `(?P<name>.*)`", re.DOTALL)
_MISSING = re.compile(r"Object missing required field `(?P<name>.*)`")
_KIND = re.compile(r"Expected `(?P<wanted>[^`]*)`, got `(?P<got>[^`]*)`")
_LENGTH = re.compile(r"Expected `(?P<kind>str|array)` of length (?P<bound>[<>]=?) (?P<number>\d+)")
_SIZE = re.compile(r"Expected `(?:int|float)` (?P<bound>[<>]=?) (?P<number>\S+?)(?:\.0)?")
_CHOICE = re.compile(r"Invalid enum value .*", re.DOTALL)


def explained(error: msgspec.ValidationError, schema: type[msgspec.Struct]) -> tuple[str, str]:
    """Returns the end of a sentence that begins with the field (`must be text`), and the JSON pointer.

    schema: the type of the whole body or query.
    """
    text = str(error)
    place = _PLACE.search(text)
    pointer = re.sub(r"[.\[]", "/", place["path"]).replace("]", "") if place else ""
    sentence = _PLACE.sub("", text)
    for pattern in (_UNKNOWN, _MISSING):
        field = pattern.fullmatch(sentence)
        if field is not None:
            wording = "is missing" if pattern is _MISSING else _unknown(schema, pointer)
            return wording, f"{pointer}/{field['name'].replace('~', '~0').replace('/', '~1')}"
    if _CHOICE.fullmatch(sentence):
        return f"must be one of {', '.join(_choices(schema, pointer))}", pointer
    return _translated(sentence), pointer


def _unknown(schema: type[msgspec.Struct], pointer: str) -> str:
    """pointer: of the object that has the unknown field."""
    inner: type[msgspec.Struct] | None = schema
    for name in pointer.split("/")[1:]:
        inner = None if inner is None else _struct_of(inner, name)
    if inner is None:
        return "is not a field here"
    names = [field.encode_name for field in msgspec.structs.fields(inner)]
    return f"is not a field here: the fields are {', '.join(names)}"


def _struct_of(schema: type[msgspec.Struct], name: str) -> type[msgspec.Struct] | None:
    """Returns the type of the object that a field holds."""
    for field in msgspec.structs.fields(schema):
        if field.encode_name == name:
            return next(iter(_structs_in(msgspec.inspect.type_info(field.type))), None)
    return None


def _structs_in(kind: msgspec.inspect.Type) -> list[type[msgspec.Struct]]:
    match kind:
        case msgspec.inspect.UnionType(types=types):
            return [struct for one in types for struct in _structs_in(one)]
        case msgspec.inspect.Metadata(type=one):
            return _structs_in(one)
        case msgspec.inspect.StructType(cls=cls):
            return [cls]
    return []


def _choices(schema: type[msgspec.Struct], pointer: str) -> list[str]:
    """Returns the values that the field of the pointer may have, or the items of its list."""
    name = pointer.split("/")[1]
    [field] = [field for field in msgspec.structs.fields(schema) if field.encode_name == name]
    return [str(choice) for choice in _choices_of(msgspec.inspect.type_info(field.type))]


def _choices_of(kind: msgspec.inspect.Type) -> list[object]:
    match kind:
        case msgspec.inspect.UnionType(types=types):
            return [choice for one in types for choice in _choices_of(one)]
        case msgspec.inspect.Metadata(type=one) | msgspec.inspect.ListType(item_type=one):
            return _choices_of(one)
        case msgspec.inspect.EnumType(cls=enum):
            return [member.value for member in enum]
        case msgspec.inspect.LiteralType(values=values):
            return list(values)
    return []


def _translated(sentence: str) -> str:
    """Returns the end of a sentence: `must be text, not a whole number`."""
    if kind := _KIND.fullmatch(sentence):
        wanted = " or ".join(_kind(name) for name in kind["wanted"].split(" | "))
        return f"must be {wanted}, not {_kind(kind['got'])}"
    if length := _LENGTH.fullmatch(sentence):
        noun = "character" if length["kind"] == "str" else "item"
        plural = "" if length["number"] == "1" else "s"
        return f"must have {_BOUNDS[length['bound']]} {length['number']} {noun}{plural}"
    if size := _SIZE.fullmatch(sentence):
        return f"must be {_BOUNDS[size['bound']]} {size['number']}"
    return f"is not valid: {sentence.replace('`', '')}"


def _kind(name: str) -> str:
    return _KINDS.get(name, name)
