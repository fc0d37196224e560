"""The version in use, for any process that can read the state folder."""

from pathlib import Path

from server.core.settings.model import Settings
from server.whatsapp_version import cache
from server.whatsapp_version.cache import InUse
from server.whatsapp_version.policy import policy
from server.whatsapp_version.revisions import OLD_AFTER_DAYS

DAY_MS = 86_400_000


def in_use(settings: Settings, file: Path) -> InUse:
    """Returns the version that the leader announces, or would announce. Reads a small file."""
    try:
        return cache.load(file).in_use or policy(settings).in_use()
    except OSError:
        return policy(settings).in_use()


def age(version: InUse, now: int) -> float:
    """Returns about the days since it was built; 0 in the sandbox. now: milliseconds since 1970."""
    return 0.0 if version.is_simulated else max(0.0, (now - version.built_at) / DAY_MS)


def is_old(version: InUse, now: int) -> bool:
    """Whether WhatsApp may refuse it soon."""
    return age(version, now) >= OLD_AFTER_DAYS
