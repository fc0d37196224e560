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
_LENGTH = re.compile(r"Expected `str` of length (?P<bound>[<>]=?) (?P<number>\d+)")
_SIZE = re.compile(r"Expected `(?:int|float)` (?P<bound>[<>]=?) (?P<number>\S+)")
_CHOICE = re.compile(r"Invalid enum value .*", re.DOTALL)


def explained(error: msgspec.ValidationError) -> tuple[str, str]:
    """Returns the end of a sentence that begins with the field (`must be text`), and the JSON pointer."""
    text = str(error)
    place = _PLACE.search(text)
    pointer = re.sub(r"[.\[]", "/", place["path"]).replace("]", "") if place else ""
    sentence = _PLACE.sub("", text)
    for pattern, wording in ((_UNKNOWN, "is not a field here"), (_MISSING, "is missing")):
        field = pattern.fullmatch(sentence)
        if field is not None:
            return wording, f"{pointer}/{field['name'].replace('~', '~0').replace('/', '~1')}"
    return _translated(sentence), pointer


def why_not_json(error: msgspec.DecodeError | UnicodeDecodeError | RecursionError) -> str:
    """Returns why a body is not JSON."""
    match error:
        case UnicodeDecodeError():
            return "the body is not UTF-8"
        case RecursionError():
            return "the body is nested too deeply"
    return "the body is not JSON: " + str(error).removeprefix("JSON is malformed: ").lower()


def _translated(sentence: str) -> str:
    """Returns the end of a sentence: `must be text, not a whole number`."""
    if kind := _KIND.fullmatch(sentence):
        wanted = " or ".join(_kind(name) for name in kind["wanted"].split(" | "))
        return f"must be {wanted}, not {_kind(kind['got'])}"
    if length := _LENGTH.fullmatch(sentence):
        noun = "character" if length["number"] == "1" else "characters"
        return f"must have {_BOUNDS[length['bound']]} {length['number']} {noun}"
    if size := _SIZE.fullmatch(sentence):
        return f"must be {_BOUNDS[size['bound']]} {size['number']}"
    if _CHOICE.fullmatch(sentence):
        return "is not one of the allowed values"
    return f"is not valid: {sentence.replace('`', '').lower()}"


def _kind(name: str) -> str:
    return _KINDS.get(name, name)
