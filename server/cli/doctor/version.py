"""Whether WhatsApp is likely to accept the version that links announce."""

from server.cli.doctor.finding import Finding, ok, warning
from server.core.clock import Clock
from server.core.paths import StateFolder
from server.core.settings import BUILT_IN_VERSION, Settings
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
CLEAR = "clear the faults versionRejected and minimumVersion of the sandbox, and restart a session"


def check_version(folder: StateFolder, settings: Settings, clock: Clock) -> Finding:
    """Of the front that ran last; if none did, of one with these settings."""
    version = in_use(settings, folder.whatsapp_version)
    detail = f"{version.version}, {ORIGINS[version.source]}"
    if version.is_simulated:
        return _simulated(version, detail)
    detail += f", about {age(version, clock.wall()):.0f} days old"
    advice = _advice(version, settings)
    if version.is_refused:
        return warning("whatsapp version", f"{detail}: WhatsApp refuses it", advice)
    if is_old(version, clock.wall()):
        return warning("whatsapp version", f"{detail}: WhatsApp may refuse it soon", advice)
    return ok("whatsapp version", detail)


def _simulated(version: InUse, detail: str) -> Finding:
    """The sandbox refuses a version only if a fault says so; nothing is looked up there."""
    if version.is_refused:
        return warning("whatsapp version", f"{detail}: the sandbox refuses it", CLEAR)
    return ok("whatsapp version", f"{detail}, which the sandbox accepts")


def _advice(version: InUse, settings: Settings) -> str:
    """With `builtin`, too, nothing is looked up."""
    is_set = version.source is Source.SETTING or settings.whatsapp_version == BUILT_IN_VERSION
    return UNSET if is_set else LOOK
