"""How a new version comes into use: pure, so that every order of events can be tried.

One link tries a version first. The others follow once WhatsApp has accepted it. While the version in use is
refused, another one is tried in the same way: the one that the site announces, then the one that was accepted
before, or the built-in one. One that was refused is tried no more, unless a link opens with it after all.
"""

from dataclasses import dataclass, replace
from typing import Final, Self

#: How many accepted revisions are remembered: the one in use, and the one before it.
ACCEPTED_REMEMBERED: Final = 2

#: How many refused revisions are remembered.
REFUSED_REMEMBERED: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollout:
    """What is known of the revisions. Each event gives the state after it."""

    built_in: int
    #: What links are opened with.
    current: int
    #: What the site announced last, if that could be believed.
    announced: int | None = None
    #: Those that a link was opened with, the latest last.
    accepted: tuple[int, ...] = ()
    #: Those that WhatsApp answered 405 to, the latest last.
    refused: tuple[int, ...] = ()

    @classmethod
    def of(cls, built_in: int) -> Self:
        """Nothing is known yet."""
        return cls(built_in=built_in, current=built_in)

    @property
    def is_refused(self) -> bool:
        """Whether WhatsApp refuses the version that links are opened with."""
        return self.current in self.refused

    @property
    def candidate(self) -> int | None:
        """What one link is to try; None: there is nothing to try."""
        floor = self.built_in if self.is_refused else max(self.built_in, self.current)
        announced = self.announced if self.announced is not None and self.announced > floor else None
        options = (announced, self._before) if self.is_refused else (announced,)
        fit = (revision for revision in options if revision not in (None, self.current, *self.refused))
        return next(fit, None)

    @property
    def _before(self) -> int:
        """The last accepted revision that is not the one in use; the built-in one if there is none."""
        return next(
            (revision for revision in reversed(self.accepted) if revision != self.current), self.built_in
        )

    def after_look_up(self, revision: int) -> Self:
        """The site announced this revision."""
        return replace(self, announced=revision)

    def after_acceptance(self, revision: int) -> Self:
        """A registration that announced this revision got codes, or a login was let in."""
        if revision not in self._known:
            return self
        follows = revision == self.candidate or self.is_refused
        return replace(
            self,
            current=revision if follows else self.current,
            accepted=_with(self.accepted, revision)[-ACCEPTED_REMEMBERED:],
            refused=_without(self.refused, revision),
        )

    def after_refusal(self, revision: int) -> Self:
        """WhatsApp answered 405 to a link that announced this revision."""
        if revision not in self._known:
            return self
        return replace(self, refused=_with(self.refused, revision)[-REFUSED_REMEMBERED:])

    @property
    def _known(self) -> frozenset[int]:
        """The revisions that Motte itself hands out; of others nothing follows."""
        return frozenset((self.built_in, self.current, self.announced or self.built_in, *self.accepted))


def _with(revisions: tuple[int, ...], revision: int) -> tuple[int, ...]:
    return (*_without(revisions, revision), revision)


def _without(revisions: tuple[int, ...], revision: int) -> tuple[int, ...]:
    return tuple(other for other in revisions if other != revision)
