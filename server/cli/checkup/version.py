"""Whether WhatsApp is likely to accept the version that links announce."""

from server.cli.checkup.finding import Finding, ok, warning
from server.clock import Clock
from server.config import Settings
from server.folders import StateFolder
from server.whatsapp_version.cache import InUse, Source
from server.whatsapp_version.status import age, in_use, is_old

#: Where a version comes from, as people read it.
ORIGINS = {
    Source.BUILT_IN: "built in",
    Source.ANNOUNCED: "announced by WhatsApp's site",
    Source.SETTING: "set by MOTTE_WHATSAPP_VERSION",
}

UNSET = "unset MOTTE_WHATSAPP_VERSION, so that Motte looks for a newer one"
LOOK = "see event=whatsapp_version_… in logs/front.log: can this host reach the site?"


def check_version(folder: StateFolder, settings: Settings, clock: Clock) -> Finding:
    """Of the front that ran last; if none did, of one with these settings."""
    version = in_use(settings, folder.whatsapp_version)
    detail = f"{version.version}, {ORIGINS[version.source]}, {_days(version, clock)}"
    if version.is_refused:
        return warning("whatsapp version", f"{detail}: WhatsApp refuses it", _advice(version))
    if is_old(version, clock.wall()):
        return warning("whatsapp version", f"{detail}: WhatsApp may refuse it soon", _advice(version))
    return ok("whatsapp version", detail)


def _days(version: InUse, clock: Clock) -> str:
    if version.is_simulated:
        return "which the sandbox accepts"
    return f"about {age(version, clock.wall()):.0f} days old"


def _advice(version: InUse) -> str:
    return UNSET if version.source is Source.SETTING else LOOK
