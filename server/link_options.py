"""What the links of each session are opened with: version, device name, proxy."""

from server.commands import DEVICE_NAME, LinkOptions
from server.whatsapp_version.service import VersionService
from store.records import Session


class LinkSettings:
    """Puts together what a connector is told about its next link."""

    def __init__(self, versions: VersionService) -> None:
        self._versions = versions

    def of(self, session: Session) -> LinkOptions:
        """The options of one session's next link."""
        return LinkOptions(
            version=self._versions.version_for(session),
            device_name=session.device_name or DEVICE_NAME,
        )
