"""Errors of a request that waited for a QR code and got none."""

from server.core.errors.base import SESSION_LOCATION, MotteError


class NoQr(MotteError):
    """There is no code to scan."""

    described_headers = SESSION_LOCATION


class QrTimeout(NoQr):
    """WhatsApp gave no code within the time-out.

    The session stays as it was; the next read tries again.
    """

    code, status, retry_after = "qr-timeout", 504, 2


class WhatsAppUnreachable(NoQr):
    """WhatsApp cannot be reached.

    The next read tries again.
    """

    code, status, retry_after = "whatsapp-unreachable", 502, 5


class WhatsAppRefused(NoQr):
    """WhatsApp refuses to register a new device.

    Motte does not try again until the cool-down is over. The session stays; a read then tries again.
    """

    code, status, retry_after = "whatsapp-refused", 502, 60


class AccountBanned(NoQr):
    """WhatsApp says that the account is banned, or has moved to another phone.

    Motte does not try again until the cool-down is over. The session stays; a read then tries again.
    """

    code, status, retry_after = "account-banned", 502, 60


class ProxyFailed(NoQr):
    """The session's proxy does not reach WhatsApp.

    The next read tries again.
    """

    code, status, retry_after = "proxy-failed", 502, 5


class VersionRejected(NoQr):
    """WhatsApp refuses the version of WhatsApp Web that Motte announces.

    Unless MOTTE_WHATSAPP_VERSION fixes one, Motte looks for a newer version, and a later request uses it.
    If this continues, see docs/explanation/whatsapp-version.md.
    """

    code, status, retry_after = "version-rejected", 502, 60


class ConnectorCrashed(NoQr):
    """The session's connector crashed during the request.

    Its log, logs/connector-<id>.log in the state folder, says why.
    """

    code, status, retry_after = "connector-crashed", 502, 2


class ConnectorUnavailable(NoQr):
    """The session's connector cannot be started.

    Its log, logs/connector-<id>.log in the state folder, says why.
    """

    code, status, retry_after = "connector-unavailable", 503, 10
