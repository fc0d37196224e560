"""Metrics of webhooks. No label names one: that is a value of a caller."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from server.webhooks.report import Outcome

#: Seconds from an event to its delivery: at once, or after a retry.
LAG_SECONDS_BUCKETS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60, 600, 3600, 86_400)

#: Seconds of one try, 15 at most.
TRY_SECONDS_BUCKETS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15)


class WebhookMetrics:
    """Each method is called by the code that it counts."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._tries = Counter(
            "motte_webhook_tries",
            "Tries to deliver an event: `delivered`, `refused` with a status of 400 to 499, or `failed`.",
            ["outcome"],
            registry=registry,
        )
        self._seconds = Histogram(
            "motte_webhook_try_seconds",
            "How long a try took.",
            buckets=TRY_SECONDS_BUCKETS,
            registry=registry,
        )
        self._lag = Histogram(
            "motte_webhook_lag_seconds",
            "From an event to its delivery.",
            buckets=LAG_SECONDS_BUCKETS,
            registry=registry,
        )
        self._died = Counter(
            "motte_webhook_events_given_up",
            "Events that were not delivered in their time.",
            registry=registry,
        )
        self._missed = Counter(
            "motte_webhook_gaps",
            "Times that the log had removed events of a session before a webhook got them.",
            registry=registry,
        )
        self._dead = Gauge(
            "motte_webhook_dead_letters", "Events that were given up and can be replayed.", registry=registry
        )
        self._webhooks = Gauge(
            "motte_webhooks", "Webhooks that are `active` or `failing`.", ["status"], registry=registry
        )
        self._failing = Gauge(
            "motte_webhook_failing_seconds",
            "For how long the webhook that fails for longest has taken no delivery; 0: none fails.",
            registry=registry,
        )
        self._running = Gauge(
            "motte_webhook_deliverer_running",
            "1: the process that delivers runs; 0: there is no webhook, or the process is to start again.",
            registry=registry,
        )
        self._crashes = Counter(
            "motte_webhook_deliverer_crashes",
            "Times that the process that delivers has ended by itself, or could not be started.",
            registry=registry,
        )
        self.show_webhooks(active=0, failing=0)
        for outcome in Outcome:
            self._tries.labels(outcome)

    def tried(self, outcome: Outcome, seconds: float) -> None:
        """Called after each try. seconds: how long it took."""
        self._seconds.observe(seconds)
        self._tries.labels(outcome).inc()

    def delivered(self, lag: float) -> None:
        """Called after each delivery. lag: seconds since the event."""
        self._lag.observe(max(0.0, lag))

    def died(self, number: int = 1) -> None:
        """Called when events were given up."""
        self._died.inc(number)

    def missed(self, number: int = 1) -> None:
        """Called when the log has removed events before a webhook got them."""
        self._missed.inc(number)

    def show_dead(self, number: int) -> None:
        """Called now and then. number: dead letters of all webhooks."""
        self._dead.set(number)

    def show_failing(self, seconds: float) -> None:
        """Called once a second. seconds: since the webhook that fails for longest began to."""
        self._failing.set(max(0.0, seconds))

    def show_webhooks(self, *, active: int, failing: int) -> None:
        """Called when it may have changed."""
        self._webhooks.labels("active").set(active)
        self._webhooks.labels("failing").set(failing)

    def show_none(self) -> None:
        """Called when there is no webhook, and no process that would say so."""
        self.show_dead(0)
        self.show_failing(0)
        self.show_webhooks(active=0, failing=0)

    def show_running(self, is_running: bool) -> None:
        """Called when the process that delivers has begun, or has ended."""
        self._running.set(is_running)

    def crashed(self) -> None:
        """Called when the process that delivers has ended by itself, or could not be started."""
        self._crashes.inc()
