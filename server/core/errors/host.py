"""Errors of the host that Motte runs on, and of Motte itself."""

import errno

from server.core.errors.base import SESSION_LOCATION, MotteError

#: Error numbers that the state folder or its disk causes.
_DISK = {
    *(errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS, errno.EACCES, errno.EPERM),
    *(errno.EEXIST, errno.ENOTDIR, errno.EISDIR),
}


class SupervisorUnavailable(MotteError):
    """supervisord does not respond.

    `motte ctl status` shows its state.
    """

    code, status, retry_after = "supervisor-unavailable", 503, 5
    described_headers = SESSION_LOCATION


class LeaderUnavailable(MotteError):
    """The front that leads does not respond.

    It may still do what was requested: read the session before you send the request again.
    """

    code, status, retry_after = "leader-unavailable", 503, 5
    described_headers = SESSION_LOCATION


class StoreOutOfOrder(MotteError):
    """The database cannot be read or written.

    The log says why.
    """

    code, status, retry_after = "store-unavailable", 503, 5
    described_headers = SESSION_LOCATION


class Overloaded(MotteError):
    """The host is overloaded.

    It has no more file descriptors.
    """

    code, status, retry_after = "overloaded", 503, 10
    described_headers = SESSION_LOCATION


class ShuttingDown(MotteError):
    """Motte is shutting down.

    Send the request again when Motte runs again.
    """

    code, status, retry_after = "shutting-down", 503, 5


class InternalError(MotteError):
    """There is a bug in Motte.

    The log has an entry with the same instance.
    """

    code, status = "internal-error", 500


def from_os_error(error: OSError) -> MotteError | None:
    """Returns the error to report for an OSError; None if the OSError is a bug."""
    if error.errno in (errno.EMFILE, errno.ENFILE):
        return Overloaded()
    if error.errno in _DISK:
        return StoreOutOfOrder(f"the state folder cannot be written: {error.strerror}")
    return None
