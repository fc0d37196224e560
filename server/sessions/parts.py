"""What the work on sessions needs: one set of parts in each front that holds the pipes."""

from dataclasses import dataclass

from server.connectors.pool import ConnectorPool
from server.core.clock import Clock
from server.core.settings.model import Settings
from server.core.single_flight import SingleFlight
from server.domain.expiry import Expiry
from server.events.passing import PassingEvents
from server.observability.metrics import Metrics
from server.outbound.contact_checks import ContactChecks
from server.outbound.dispatchers import Dispatchers
from server.protocol.events.link import Closed
from server.sessions.admission import Admission
from server.sessions.cool_downs import CoolDowns
from server.sessions.refresh_lease import RefreshLeases
from server.sessions.start_queue import StartQueue
from server.sessions.state_machine import StateMachine
from server.sessions.subscriptions import Subscriptions
from server.whatsapp_version.service import REJECTED, VersionService
from store.ports.sessions import SessionStore
from store.records.sessions import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionParts:
    """The parts that every verb of the session service may use."""

    settings: Settings
    clock: Clock
    expiry: Expiry
    metrics: Metrics
    sessions: SessionStore
    leases: RefreshLeases
    subscriptions: Subscriptions
    #: For events that no log keeps.
    passing: PassingEvents
    state_machine: StateMachine
    connectors: ConnectorPool
    cool_downs: CoolDowns
    admission: Admission
    versions: VersionService
    start_queue: StartQueue
    dispatchers: Dispatchers
    checks: ContactChecks
    #: Refreshes under way, by session id.
    single_flight: SingleFlight[Session]

    def has_another_version(self, session: Session, closed: Closed) -> bool:
        """Whether WhatsApp refused nothing but a version, and another one is worth a try."""
        return closed.reason.code == REJECTED and self.versions.has_another(session, closed.version)
