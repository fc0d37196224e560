"""Rollout of a new version. Pure, so that tests can try every order of events.

One link tries a version first. The others follow once WhatsApp has accepted it. While the version in use is
refused, another one is tried in the same way: the announced one, then the one that was accepted before, or
the built-in one. A refused version is not tried again, unless a link opens with it after all.
"""

from dataclasses import dataclass, replace
from typing import Final, Self

#: Accepted revisions that are kept: the one in use, and the one before it.
MAX_ACCEPTED: Final = 2

#: Refused revisions that are kept.
MAX_REFUSED: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollout:
    """State of the rollout. Each method `after_…` returns the state after an event."""

    built_in: int
    #: The revision that links announce.
    current: int
    #: The last revision that the site announced, if it was plausible.
    announced: int | None = None
    #: Revisions with which a link opened, the latest last.
    accepted: tuple[int, ...] = ()
    #: Revisions to which WhatsApp answered 405, the latest last.
    refused: tuple[int, ...] = ()

    @classmethod
    def of(cls, built_in: int) -> Self:
        """Returns the state in which only the built-in revision is known."""
        return cls(built_in=built_in, current=built_in)

    @property
    def is_refused(self) -> bool:
        """Whether WhatsApp refuses the version in use."""
        return self.current in self.refused

    @property
    def candidate(self) -> int | None:
        """The revision that one link tries next; None if there is nothing to try."""
        floor = self.built_in if self.is_refused else max(self.built_in, self.current)
        announced = self.announced if self.announced is not None and self.announced > floor else None
        options = (announced, self._before) if self.is_refused else (announced,)
        fit = (revision for revision in options if revision not in (None, self.current, *self.refused))
        return next(fit, None)

    @property
    def _before(self) -> int:
        """The last accepted revision that is not in use, or else the built-in one."""
        return next(
            (revision for revision in reversed(self.accepted) if revision != self.current), self.built_in
        )

    def after_look_up(self, revision: int) -> Self:
        """After the site announced this revision."""
        return replace(self, announced=revision)

    def after_acceptance(self, revision: int) -> Self:
        """After a registration with this revision got codes, or a login succeeded."""
        if revision not in self._known:
            return self
        follows = revision == self.candidate or self.is_refused
        return replace(
            self,
            current=revision if follows else self.current,
            accepted=_with(self.accepted, revision)[-MAX_ACCEPTED:],
            refused=_without(self.refused, revision),
        )

    def after_refusal(self, revision: int) -> Self:
        """After WhatsApp answered 405 to a link with this revision."""
        if revision not in self._known:
            return self
        return replace(self, refused=_with(self.refused, revision)[-MAX_REFUSED:])

    @property
    def _known(self) -> frozenset[int]:
        """The revisions that Motte itself announces. Others change nothing."""
        return frozenset((self.built_in, self.current, self.announced or self.built_in, *self.accepted))


def _with(revisions: tuple[int, ...], revision: int) -> tuple[int, ...]:
    return (*_without(revisions, revision), revision)


def _without(revisions: tuple[int, ...], revision: int) -> tuple[int, ...]:
    return tuple(other for other in revisions if other != revision)
