"""Check of what keeps connectors apart: the setting, and what this kernel offers."""

from server.cli.doctor.finding import Finding, ok, warning
from server.core.settings.model import Isolation
from server.isolation.confinement import Offered

KERNEL_ADVICE = "use a newer kernel; in a container, allow the calls of Landlock and seccomp"


def check_isolation(setting: Isolation, offered: Offered) -> Finding:
    """Each connector reaches its own folder alone. offered: by this kernel."""
    if setting is Isolation.OFF:
        detail = "off: a connector that somebody takes over can read the database and every session"
        return warning("isolation", detail, "unset MOTTE_CONNECTOR_ISOLATION")
    if offered.missing:
        return warning("isolation", f"in part: {'; '.join(offered.missing)}", KERNEL_ADVICE)
    return ok("isolation", f"Landlock {offered.landlock}, a filter of system calls, Node's permissions")
