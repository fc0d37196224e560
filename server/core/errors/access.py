"""Errors of access: API keys, browser logins, scan links, rate limits."""

import math
from collections.abc import Mapping
from typing import ClassVar

from server.core.errors.base import MotteError


class Denied(MotteError):
    """Access denied."""


class Unauthorized(Denied):
    """The request has no valid API key.

    Send `Authorization: Bearer` with a key of `motte keys create`.
    """

    code, status = "unauthorized", 401
    described_headers: ClassVar = {"WWW-Authenticate": "`Bearer`: how to send a key"}

    def headers(self) -> Mapping[str, str]:
        return {"WWW-Authenticate": 'Bearer realm="motte"'}


class Forbidden(Denied):
    """The API key does not allow this."""

    code, status = "forbidden", 403


class ForeignPage(Denied):
    """Only pages of Motte may use a browser's login.

    Programs send an API key.
    """

    code, status = "foreign-page", 403


class LinkInvalid(Denied):
    """This Motte did not make this link.

    Perhaps only a part of it was copied.
    """

    code, status = "link-invalid", 403


class LinkExpired(Denied):
    """This link is no longer valid.

    Request a new one.
    """

    code, status = "link-expired", 410


class LinkUsed(Denied):
    """This link has been used.

    The account was linked after the link was made.
    """

    code, status = "link-used", 410


class RateLimited(Denied):
    """There were too many requests."""

    code, status, retry_after = "rate-limited", 429, 1

    def __init__(self, detail: str, *, wait: float) -> None:
        """wait: seconds until the next request is allowed."""
        super().__init__(detail)
        self.retry_after = max(1, math.ceil(wait))
