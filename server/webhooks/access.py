"""Which webhooks a key sees, and for whom a webhook gets events."""

from collections.abc import Mapping

from store.records.keys import Key
from store.records.webhooks import Webhook


def may_see(key: Key, webhook: Webhook, floors: Mapping[str, int]) -> bool:
    """Whether the key may read every event that the webhook can bring, in a replay too.

    floors: the number behind which the key reads events of each session that it is bound to. The id of a
    deleted session may be given to another one: a key for that one sees no webhook of the first one. The key
    that made the webhook, or changed it last, was there for the first one.
    """
    if key.sessions is None:
        return True
    if not webhook.sessions:  # None: it gets events of every session
        return False
    if not {*webhook.sessions} <= {*key.sessions}:
        return False
    return webhook.maker == maker_of(key) or all(
        webhook.begins_with(name) >= floors[name] for name in webhook.sessions
    )


def maker_of(key: Key) -> str | None:
    """Returns what a webhook keeps of a key that changes it; None: the key is not bound to sessions."""
    return None if key.sessions is None else f"{key.created_at} {key.name}"
