"""Metrics of WhatsApp's version."""

from prometheus_client import CollectorRegistry, Counter, Gauge

#: Results of a look-up.
LOOK_UPS = ("new", "unchanged", "not_believed", "failed")


class VersionMetrics:
    """Metrics of the version in use, read at each scrape, and of look-ups, which the leader counts."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._look_ups = Counter(
            "motte_whatsapp_version_lookups",
            "Look-ups of WhatsApp's version, by what came of them.",
            ["result"],
            registry=registry,
        )
        self._version = Gauge(
            "motte_whatsapp_version",
            "1: links are opened with this version of WhatsApp Web, which comes from this source.",
            ["version", "source"],
            registry=registry,
        )
        self._age = Gauge(
            "motte_whatsapp_version_age_days",
            "Days since the version of WhatsApp Web was built; 0 in the sandbox.",
            registry=registry,
        )
        self._refused = Gauge(
            "motte_whatsapp_version_refused",
            "1: WhatsApp refuses the version that links are opened with.",
            registry=registry,
        )
        for result in LOOK_UPS:
            self._look_ups.labels(result)

    def show(self, *, version: str, source: str, age: float, is_refused: bool) -> None:
        """Called before each scrape. age: days."""
        self._version.clear()
        self._version.labels(version, source).set(1)
        self._age.set(round(age, 2))
        self._refused.set(is_refused)

    def looked_up(self, result: str) -> None:
        """Counts a look-up. result: one of LOOK_UPS."""
        self._look_ups.labels(result).inc()
