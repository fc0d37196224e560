"""Groups of errors that several routes share."""

from server.api.openapi.operation import Errors
from server.core import errors

#: Errors of every route.
EVERY_ROUTE: Errors = (
    errors.BadRequest,
    errors.TooSlow,
    errors.BodyTooLarge,
    errors.AddressTooLong,
    errors.UnsupportedEncoding,
    errors.HeadersTooLarge,
    errors.UnsupportedVersion,
    errors.Overloaded,
    errors.ShuttingDown,
    errors.InternalError,
)
#: Errors of every route that needs an API key.
API_KEY: Errors = (
    errors.Unauthorized,
    errors.Forbidden,
    errors.ForeignPage,
    errors.RateLimited,
    errors.StoreOutOfOrder,
)
#: Errors of every route that needs a scan link.
SCAN_LINK: Errors = (
    errors.LinkInvalid,
    errors.LinkExpired,
    errors.LinkUsed,
    errors.RateLimited,
    errors.StoreOutOfOrder,
)
#: Errors of a JSON body.
BODY: Errors = (errors.MalformedJson, errors.ValidationFailed)
#: Reasons why a session has no QR code.
NO_QR: Errors = (
    errors.QrTimeout,
    errors.WhatsAppUnreachable,
    errors.ProxyFailed,
    errors.WhatsAppRefused,
    errors.AccountBanned,
    errors.VersionRejected,
    errors.PasskeyRequired,
    errors.ConnectorCrashed,
    errors.ConnectorUnavailable,
    errors.SupervisorUnavailable,
    errors.LeaderUnavailable,
)
#: Reasons why a connector did not do what was requested.
CONNECTOR: Errors = (errors.ConnectorUnavailable, errors.SupervisorUnavailable, errors.LeaderUnavailable)
