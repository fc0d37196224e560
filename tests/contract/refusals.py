"""Read by schemathesis: of a request that fits its schema, only what no schema says is refused."""

from typing import Any, NamedTuple

import schemathesis

BAD_REQUEST = 400

#: A cursor is text that a list has handed out: no schema tells such a text from another one.
BAD_CURSOR = "bad-cursor"


class Rule(NamedTuple):
    """A rule that is in words only."""

    pointer: str
    #: How its sentence begins.
    words: str


#: Generators of clients make a type of each case of "one of several": such rules are in words.
#: No schema counts UTF-16 units.
TEXT = Rule("/text", "must have at most 65536 UTF-16 units")

#: A page of events has fewer types than a stream, and `Accept` chooses between them.
PASSING = Rule("?types", "has ")

#: To JSON Schema 60.0 is a whole number. The API refuses it.
WHOLE = "must be a whole number"

#: No schema knows which addresses are private, counts the bytes of all headers, or compares their names
#: without regard to case.
WEBHOOK = (
    Rule("/url", "is refused: "),
    Rule("/headers", "must have each header once"),
    Rule("/headers", "must have at most 4096 bytes"),
    Rule("/headers", "must not set "),
    Rule("/giveUpAfter", WHOLE),
)

#: By operation.
IN_WORDS: dict[str, tuple[Rule, ...]] = {
    "send_message": (
        TEXT,
        Rule("", "must have exactly one of text, location and contact"),
        Rule("", "has "),
        Rule("/mentions", "belongs to a text"),
        Rule("/contact", "must have phoneNumbers or a vcard"),
        Rule("/ttl", WHOLE),
    ),
    "edit_message": (TEXT,),
    # Of the types that a stream has.
    "read_events": (PASSING,),
    "read_session_events": (PASSING,),
    # What is a letter is a matter of Unicode's tables, which patterns of Python do not know.
    "react": (Rule("/emoji", "must be one emoji"),),
    "replay_webhook": (Rule("", 'must be {"after": a cursor}, {"since": a moment} or {"dead": true}'),),
    "create_webhook": WEBHOOK,
    "update_webhook": (*WEBHOOK, Rule("/headers", "must be given with a url of another host")),
}


def only_rules_in_words_are_broken(_: Any, response: Any, case: Any) -> None:
    """Called by schemathesis with every answer."""
    is_valid = case.meta is not None and case.meta.generation.mode.is_positive
    if not is_valid or response.status_code != BAD_REQUEST:
        return
    problem = response.json()
    if problem["code"] == BAD_CURSOR:
        return
    operation = case.operation.definition.raw["operationId"]
    for error in problem.get("errors", [{"pointer": None, "detail": problem["detail"]}]):
        is_known = any(
            error["pointer"] == rule.pointer and error["detail"].startswith(rule.words)
            for rule in IN_WORDS.get(operation, ())
        )
        assert is_known, f"valid data is answered with {problem['code']} {error}"


schemathesis.check(only_rules_in_words_are_broken)
