"""What the links of each session are opened with: version, device name, proxy."""

from server.core.settings import Settings
from server.protocol.commands import DEVICE_NAME, LinkOptions
from server.whatsapp_version.service import VersionService
from store.records import Session

#: The endpoint of connectors if no other is set.
WHATSAPP = "wss://web.whatsapp.com/ws/chat"


class LinkSettings:
    """Puts together what a connector is told about its next link."""

    def __init__(self, settings: Settings, versions: VersionService) -> None:
        self._versions = versions
        way = settings.proxy and settings.proxy.of(settings.whatsapp_url or WHATSAPP)
        #: Of sessions that have no proxy of their own.
        self._proxy = way.url if way else None

    def of(self, session: Session) -> LinkOptions:
        """The options of one session's next link."""
        return LinkOptions(
            version=self._versions.version_for(session),
            device_name=session.device_name or DEVICE_NAME,
            proxy=session.proxy or self._proxy,
        )
