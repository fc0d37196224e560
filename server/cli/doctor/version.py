"""Check of the version that links announce: whether WhatsApp is likely to accept it."""

from server.cli.doctor.finding import Finding, ok, warning
from server.core.clock import Clock
from server.core.paths import StateFolder
from server.core.settings.model import BUILT_IN_VERSION, Settings
from server.whatsapp_version.cache import InUse, Source
from server.whatsapp_version.status import age, in_use, is_old

#: Source of a version, for people.
ORIGINS = {
    Source.BUILT_IN: "built in",
    Source.ANNOUNCED: "announced by WhatsApp's site",
    Source.SETTING: "set by MOTTE_WHATSAPP_VERSION",
}

UNSET_ADVICE = "unset MOTTE_WHATSAPP_VERSION, so that Motte looks for a newer one"
LOOK_UP_ADVICE = "see event=whatsapp_version_… in logs/front.log: can this host reach the site?"
CLEAR_FAULTS_ADVICE = (
    "clear the faults versionRejected and minimumVersion of the sandbox, and restart a session"
)


def check_version(folder: StateFolder, settings: Settings, clock: Clock) -> Finding:
    """Checks the version of the front that ran last, or the one that these settings would announce."""
    version = in_use(settings, folder.whatsapp_version)
    detail = f"{version.version}, {ORIGINS[version.source]}"
    if version.is_simulated:
        return _simulated(version, detail)
    detail += f", about {age(version, clock.wall()):.0f} days old"
    # `builtin` turns the look-up off, too.
    is_set = version.source is Source.SETTING or settings.whatsapp_version == BUILT_IN_VERSION
    advice = UNSET_ADVICE if is_set else LOOK_UP_ADVICE
    if version.is_refused:
        return warning("whatsapp version", f"{detail}: WhatsApp refuses it", advice)
    if is_old(version, clock.wall()):
        return warning("whatsapp version", f"{detail}: WhatsApp may refuse it soon", advice)
    return ok("whatsapp version", detail)


def _simulated(version: InUse, detail: str) -> Finding:
    """The sandbox refuses a version only because of a fault, and has no look-up."""
    if version.is_refused:
        return warning("whatsapp version", f"{detail}: the sandbox refuses it", CLEAR_FAULTS_ADVICE)
    return ok("whatsapp version", f"{detail}, which the sandbox accepts")
