"""The options with which links are opened: version, device name, proxy."""

from server.core.settings.model import Settings
from server.protocol.commands import DEVICE_NAME, LinkOptions
from server.whatsapp_version.service import VersionService
from store.records.sessions import Session

#: The endpoint of connectors if no other is set.
WHATSAPP = "wss://web.whatsapp.com/ws/chat"


class LinkSettings:
    """Makes the link options of each session."""

    def __init__(self, settings: Settings, versions: VersionService) -> None:
        self._versions = versions
        way = settings.proxy and settings.proxy.of(settings.whatsapp_url or WHATSAPP)
        #: The proxy of sessions that have none of their own.
        self._proxy = way.url if way else None

    def of(self, session: Session) -> LinkOptions:
        """Returns the options of a session's next link."""
        return LinkOptions(
            version=self._versions.version_for(session),
            device_name=session.device_name or DEVICE_NAME,
            proxy=session.proxy or self._proxy,
        )
