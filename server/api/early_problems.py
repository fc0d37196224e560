"""Problem documents of errors that no handler raised: the request could not be read, or has no route yet."""

from http import HTTPStatus

import msgspec
from aiohttp.http_exceptions import HttpProcessingError

from server.api.request_head import refusal
from server.core.errors import BadRequest, InternalError, MotteError
from server.documents.problem import problem_type


def early_problem(status: int, error: BaseException | None) -> MotteError:
    """Returns the error for the caller. It shows nothing of an error that is not Motte's own."""
    if isinstance(error, MotteError):
        return error
    if isinstance(error, HttpProcessingError):
        return refusal(error)
    return InternalError() if status >= HTTPStatus.INTERNAL_SERVER_ERROR else BadRequest()


def problem_bytes(problem: MotteError, instance: str, public_url: str | None) -> bytes:
    """Returns the problem document as JSON. instance: identifies this occurrence."""
    document = {
        "type": problem_type(problem.code, public_url),
        "title": problem.title(),
        "status": problem.status,
        "detail": problem.detail,
        "instance": instance,
        "code": problem.code,
        "retryable": problem.retry_after is not None,
    }
    return msgspec.json.encode(document) + b"\n"
