"""Metrics of refused registrations for Prometheus, and of the cool-downs that follow."""

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge

from server.protocol import reasons


class RegistrationMetrics:
    """Registrations of new devices that WhatsApp refused. No label names a session."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._refusals = Counter(
            "motte_registrations_refused",
            "Registrations of new devices that WhatsApp refused, by reason.",
            ["reason"],
            registry=registry,
        )
        self._host_cool_down = Gauge(
            "motte_registration_cool_down_seconds",
            "Seconds until this host may register a device again; 0: at any time.",
            registry=registry,
        )
        self._cooling_sessions = Gauge(
            "motte_sessions_cooling_down",
            "Sessions in a cool-down of their own; the cool-down of the host does not count.",
            registry=registry,
        )
        self._begin_at_zero()

    def refused(self, code: str) -> None:
        """Called when WhatsApp refused a registration. code: the code of the reason."""
        self._refusals.labels(code).inc()

    def show_cool_downs(self, *, host: Callable[[], float], sessions: Callable[[], int]) -> None:
        """Called once. host: seconds that the host must wait. sessions: how many must wait."""
        self._host_cool_down.set_function(host)
        self._cooling_sessions.set_function(sessions)

    def _begin_at_zero(self) -> None:
        """Creates every series with 0, so that an alert sees the first increase."""
        for code, meaning in reasons.TABLE.items():
            if meaning.refresh is not None and meaning.refresh.cool_down is not None:
                self._refusals.labels(code)
