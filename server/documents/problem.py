"""A problem document, RFC 9457: an error as responses and events show it."""

from typing import Annotated
from urllib.parse import urlsplit

from msgspec import UNSET, Meta, UnsetType

from server.core.errors import AmbiguousMessage, MotteError, ValidationFailed
from server.documents.document import Document
from server.documents.session import SessionDocument, session_document
from server.domain.expiry import Expiry

#: The content type.
PROBLEM_JSON = "application/problem+json"


class Violation(Document, frozen=True):
    """A rule that the request breaks."""

    pointer: Annotated[str, Meta(description="a JSON pointer into the body, or `?name` of the query")]
    detail: str


class Candidate(Document, frozen=True):
    """One of several messages with the same id."""

    id: str
    chat: str
    sender: str


class Problem(Document, frozen=True):
    """An error, RFC 9457."""

    type: Annotated[str, Meta(description="the address of a page about errors with this code")]
    title: str
    status: int
    detail: str
    instance: Annotated[str, Meta(description="identifies this occurrence; the log has it too")]
    code: Annotated[str, Meta(description="stable, for programs")]
    retryable: Annotated[
        bool, Meta(description="whether the same request may succeed after Retry-After seconds")
    ]
    errors: list[Violation] | UnsetType = UNSET
    candidates: Annotated[
        list[Candidate] | UnsetType, Meta(description="the messages that have the id, if several do")
    ] = UNSET
    session: Annotated[
        SessionDocument | UnsetType,
        Meta(description="the session as it is now, if the error concerns one that exists"),
    ] = UNSET


def problem_type(code: str, public_url: str | None) -> str:
    """Returns the address of the page about an error, relative to the host that the caller knows.

    public_url: see below_public_url.
    """
    return below_public_url(f"/problems/{code}", public_url)


def below_public_url(path: str, public_url: str | None) -> str:
    """Returns the path of an address as callers know it.

    public_url: a proxy may have put the API under a path. None: no path.
    """
    return f"{urlsplit(public_url or '').path}{path}"


def problem_document(
    error: MotteError, *, instance: str, expiry: Expiry | None, public_url: str | None
) -> Problem:
    """Returns the error as every response shows it. instance: identifies this occurrence.

    expiry: None: its session is shown without a code.
    """
    return Problem(
        type=problem_type(error.code, public_url),
        title=error.title(),
        status=error.status,
        detail=error.detail,
        instance=instance,
        code=error.code,
        retryable=error.is_retryable,
        errors=[Violation(**item) for item in error.errors] if isinstance(error, ValidationFailed) else UNSET,
        candidates=(
            [Candidate(**item) for item in error.candidates] if isinstance(error, AmbiguousMessage) else UNSET
        ),
        session=UNSET if error.session is None else session_document(error.session, expiry),
    )
