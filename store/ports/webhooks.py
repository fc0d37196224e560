"""The port of webhooks."""

from collections.abc import Callable
from typing import Protocol

from store.records.webhooks import DeadLetter, Lane, ListedDeadLetter, Progress, Try, Webhook


class WebhookStore(Protocol):
    """Webhooks, their lanes, their dead letters and their last tries. All go with their webhook."""

    async def add(self, webhook: Webhook, *, most: int) -> Webhook:
        """Stores a webhook that begins behind the newest event. Returns it as it is stored.

        most: webhooks that there may be, this one included. Raises TooManyWebhooks.
        """

    async def get(self, webhook_id: str) -> Webhook | None:
        """The webhook of this id."""

    async def all(self) -> list[Webhook]:
        """Every webhook, the oldest first."""

    async def versions(self) -> dict[str, int]:
        """The version of each webhook."""

    async def change(self, webhook_id: str, change: Callable[[Webhook], Webhook]) -> Webhook | None:
        """Stores what `change` makes of a webhook, with the next version. None if there is no such webhook.

        `change` runs inside the transaction, on a thread of the store; if it raises, nothing is written.
        If the webhook may take more than before, failed tries count no longer, also those on their way.
        """

    async def delete(self, webhook_id: str, *, only_if: Callable[[Webhook], bool] = lambda _: True) -> bool:
        """Whether there was one that `only_if` holds for, which runs inside each transaction.

        Its dead letters go first, some in each transaction.
        """

    async def disable(self, webhook: Webhook, reason: str) -> bool:
        """Ends deliveries to a webhook; whether it did. Not if it was changed since it was read so."""

    async def show_failing(self, webhook: Webhook, since: int | None, failure: str | None) -> bool:
        """Shows since when nothing arrives at a webhook that the deliverer never tries, and why.

        since: None: it does arrive. Whether that is new; nothing is written if it has another URL by now.
        """

    async def lanes(self, webhook_id: str) -> list[Lane]:
        """The lanes of a webhook. A session without one begins at `Webhook.first`."""

    async def newest(self) -> dict[str, int]:
        """The number of the newest event of each session that has one in the log."""

    async def held_from(self) -> int | None:
        """The number of the first event that a webhook still has to get, or could be replayed; None if none.

        A webhook that is disabled holds nothing.
        """

    async def keep(self, progress: Progress) -> None:
        """Writes what a deliverer has done, but nothing of webhooks that are gone.

        Lanes and dead letters of a lane that was replayed meanwhile are not written either, nor failures of
        a URL that the webhook no longer has.
        """

    async def replay(self, webhook_id: str, *, after: int, now: int) -> None:
        """Sets the cursors of a webhook back, so that all events after a number are delivered again.

        Dead letters among them are no longer dead. now: milliseconds since 1970; the time after which an
        event is given up begins again.

        The cursors are set back in one transaction, and the dead letters go in some more. If this process
        ends meanwhile, the events are delivered all the same, and the next sweep removes those letters.
        """

    async def replay_dead(self, webhook_id: str) -> int:
        """Requests one more try of each dead letter of sessions that it names now; returns their number.

        Some in each transaction. If this process ends meanwhile, those are tried, and a caller can ask again.
        """

    async def replays(self, webhook_id: str, *, limit: int) -> list[DeadLetter]:
        """Dead letters of a webhook of which one more try was requested, the oldest event first.

        Only those of sessions that it names now. limit: the most of them.
        """

    async def end_replays(self, webhook_id: str, *, version: int) -> None:
        """Takes all such requests back: these letters stay dead.

        version: of the webhook. If a caller has changed it since, or does so meanwhile, the rest stays: the
        caller may have requested one more try.
        """

    async def dead(self, webhook_id: str, *, after: int, limit: int) -> list[ListedDeadLetter]:
        """The next dead letters whose events are still in the log, the oldest event first.

        Only those of sessions that the webhook names now. after: the number of an event.
        """

    async def tries(self, webhook_id: str, *, limit: int, failed: bool | None = None) -> list[Try]:
        """The last tries of a webhook, the newest first, of sessions that it names now.

        failed: those that failed, or did not; None: all.
        """

    async def waiting(self, webhook_id: str) -> list[Lane]:
        """The lanes of a webhook whose next event has failed so far, the next one first."""

    async def count_dead(self) -> int:
        """How many dead letters there are."""

    async def sweep(self) -> None:
        """Forgets dead letters and lanes of which the event log has no event any longer.

        Also dead letters whose events a replay delivers again.
        """
