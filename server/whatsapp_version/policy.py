"""Version policy of the settings: a fixed version, the built-in one, or a look-up."""

from datetime import UTC, datetime
from typing import NamedTuple

from server.core.settings.model import BUILT_IN_VERSION, Settings
from server.whatsapp_version.cache import InUse, Source
from server.whatsapp_version.look_up import SERVICE_WORKER
from server.whatsapp_version.revisions import BUILT_IN, built_on, revision_of, version_of


class Policy(NamedTuple):
    """The version that a front announces at first, and the site that it asks for a newer one."""

    version: str
    source: Source
    #: URL of the service worker; None if the version is not looked up.
    site: str | None
    #: Whether links lead to the sandbox.
    is_simulated: bool

    def in_use(self, *, is_refused: bool = False) -> InUse:
        """Returns the version for display."""
        revision = revision_of(self.version)
        return InUse(
            version=self.version,
            source=self.source,
            built_at=built_at(BUILT_IN if revision is None else revision),
            is_refused=is_refused,
            is_simulated=self.is_simulated,
        )


def policy(settings: Settings) -> Policy:
    """Returns the policy. A fixed version, `builtin`, the sandbox and another endpoint have no look-up."""
    chosen = settings.whatsapp_version
    if chosen not in (None, BUILT_IN_VERSION):
        return Policy(chosen, Source.SETTING, None, settings.sandbox)
    return Policy(version_of(BUILT_IN), Source.BUILT_IN, _site(settings), settings.sandbox)


def built_at(revision: int) -> int:
    """Returns about when a revision was built, in milliseconds since 1970."""
    day = datetime.combine(built_on(revision), datetime.min.time(), UTC)
    return int(day.timestamp()) * 1000


def _site(settings: Settings) -> str | None:
    if settings.sandbox or settings.whatsapp_version == BUILT_IN_VERSION:
        return None
    if settings.whatsapp_version_url:
        return settings.whatsapp_version_url
    return None if settings.whatsapp_url else SERVICE_WORKER
