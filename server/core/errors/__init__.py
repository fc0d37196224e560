"""All errors that callers see, as a tree.

    MotteError
    ├── NotFound                 404 not-found
    │   ├── NoSuchSession        404 session-not-found
    │   ├── MessageNotFound      404 message-not-found
    │   └── NoSuchWebhook        404 webhook-not-found
    ├── MethodNotAllowed         405 method-not-allowed
    ├── NotAcceptable            406 not-acceptable
    ├── BadRequest               400 bad-request
    │   ├── MalformedJson        400 malformed-json
    │   ├── ValidationFailed     400 validation-failed
    │   ├── BadCursor            400 bad-cursor
    │   ├── CursorExpired        410 cursor-expired
    │   ├── BodyTooLarge         413 body-too-large
    │   ├── AddressTooLong       414 address-too-long
    │   ├── UnsupportedEncoding  415 unsupported-encoding
    │   ├── HeadersTooLarge      431 headers-too-large
    │   ├── IdempotencyKeyReused 422 idempotency-key-reused
    │   ├── UnsupportedVersion   505 http-version-not-supported
    │   └── TooSlow              408 request-timeout
    ├── Denied
    │   ├── Unauthorized         401 unauthorized
    │   ├── Forbidden            403 forbidden
    │   ├── ForeignPage          403 foreign-page
    │   ├── LinkInvalid          403 link-invalid
    │   ├── LinkExpired          410 link-expired
    │   ├── LinkUsed             410 link-used
    │   └── RateLimited          429 rate-limited
    ├── Conflict
    │   ├── SessionExists        409 session-exists
    │   ├── ConflictingState     409 conflicting-state
    │   ├── AlreadyConnected     409 already-connected
    │   ├── PasskeyRequired      409 passkey-required
    │   ├── AmbiguousMessage     409 ambiguous-message
    │   └── TooLate              409 too-late
    ├── OutboxFull               429 outbox-full
    ├── WebhooksFull             409 too-many-webhooks
    ├── NoQr
    │   ├── QrTimeout            504 qr-timeout
    │   ├── WhatsAppUnreachable  502 whatsapp-unreachable
    │   ├── ProxyFailed          502 proxy-failed
    │   ├── WhatsAppRefused      502 whatsapp-refused
    │   ├── AccountBanned        502 account-banned
    │   ├── VersionRejected      502 version-rejected
    │   ├── ConnectorCrashed     502 connector-crashed
    │   └── ConnectorUnavailable 503 connector-unavailable
    ├── SupervisorUnavailable    503 supervisor-unavailable
    ├── LeaderUnavailable        503 leader-unavailable
    ├── StoreOutOfOrder          503 store-unavailable
    ├── Overloaded               503 overloaded
    ├── ShuttingDown             503 shutting-down
    └── InternalError            500 internal-error

Each family has a module. Texts: see `MotteError`.
"""

from server.core.errors.access import (
    Denied,
    Forbidden,
    ForeignPage,
    LinkExpired,
    LinkInvalid,
    LinkUsed,
    RateLimited,
    Unauthorized,
)
from server.core.errors.base import MotteError, kinds
from server.core.errors.conflicts import (
    AlreadyConnected,
    Conflict,
    ConflictingState,
    PasskeyRequired,
    SessionExists,
    WebhooksFull,
)
from server.core.errors.host import (
    InternalError,
    LeaderUnavailable,
    Overloaded,
    ShuttingDown,
    StoreOutOfOrder,
    SupervisorUnavailable,
    from_os_error,
)
from server.core.errors.messages import (
    AmbiguousMessage,
    IdempotencyKeyReused,
    MessageNotFound,
    OutboxFull,
    TooLate,
)
from server.core.errors.no_qr import (
    AccountBanned,
    ConnectorCrashed,
    ConnectorUnavailable,
    NoQr,
    ProxyFailed,
    QrTimeout,
    VersionRejected,
    WhatsAppRefused,
    WhatsAppUnreachable,
)
from server.core.errors.requests import (
    AddressTooLong,
    BadCursor,
    BadRequest,
    BodyTooLarge,
    CursorExpired,
    HeadersTooLarge,
    MalformedJson,
    MethodNotAllowed,
    NoSuchSession,
    NoSuchWebhook,
    NotAcceptable,
    NotFound,
    TooSlow,
    UnsupportedEncoding,
    UnsupportedVersion,
    ValidationFailed,
    no_such_session,
)

__all__ = [
    "AccountBanned",
    "AddressTooLong",
    "AlreadyConnected",
    "AmbiguousMessage",
    "BadCursor",
    "BadRequest",
    "BodyTooLarge",
    "Conflict",
    "ConflictingState",
    "ConnectorCrashed",
    "ConnectorUnavailable",
    "CursorExpired",
    "Denied",
    "Forbidden",
    "ForeignPage",
    "HeadersTooLarge",
    "IdempotencyKeyReused",
    "InternalError",
    "LeaderUnavailable",
    "LinkExpired",
    "LinkInvalid",
    "LinkUsed",
    "MalformedJson",
    "MessageNotFound",
    "MethodNotAllowed",
    "MotteError",
    "NoQr",
    "NoSuchSession",
    "NoSuchWebhook",
    "NotAcceptable",
    "NotFound",
    "OutboxFull",
    "Overloaded",
    "PasskeyRequired",
    "ProxyFailed",
    "QrTimeout",
    "RateLimited",
    "SessionExists",
    "ShuttingDown",
    "StoreOutOfOrder",
    "SupervisorUnavailable",
    "TooLate",
    "TooSlow",
    "Unauthorized",
    "UnsupportedEncoding",
    "UnsupportedVersion",
    "ValidationFailed",
    "VersionRejected",
    "WebhooksFull",
    "WhatsAppRefused",
    "WhatsAppUnreachable",
    "from_os_error",
    "kinds",
    "no_such_session",
]
