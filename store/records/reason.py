"""The record of a reason."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a session has its status."""

    #: Stable and for programs: `version-rejected`, `connection-lost`.
    code: str
    #: A sentence for people.
    detail: str
