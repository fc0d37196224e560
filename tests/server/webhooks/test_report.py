"""What the process that delivers reports, and what the front makes of it."""

import msgspec
from prometheus_client import CollectorRegistry

from server.webhooks.metrics import WebhookMetrics
from server.webhooks.report import MAX_COUNTS, MAX_LINE_BYTES, Outcome, Report, Tally


def sent(report: Report) -> Report:
    """As it arrives at the front."""
    return msgspec.json.decode(msgspec.json.encode(report), type=Report)


def counted(*reports: Report) -> CollectorRegistry:
    registry = CollectorRegistry()
    metrics = WebhookMetrics(registry)
    for report in reports:
        sent(report).count(metrics)
    return registry


def test_what_a_deliverer_counts_arrives_in_the_metrics_of_the_front() -> None:
    tally = Tally()
    tally.tried(Outcome.DELIVERED, 0.07)
    tally.tried(Outcome.FAILED, 15.0)
    tally.delivered(0.2)
    tally.died(3)
    tally.died()
    tally.missed()
    tally.show_dead(7)
    tally.show_failing(60.0)
    tally.show_webhooks(active=2, failing=1)

    registry = counted(tally.take(), tally.take())

    value = registry.get_sample_value
    assert value("motte_webhook_tries_total", {"outcome": "delivered"}) == 1
    assert value("motte_webhook_tries_total", {"outcome": "failed"}) == 1
    assert value("motte_webhook_tries_total", {"outcome": "refused"}) == 0
    assert value("motte_webhook_try_seconds_sum") == 15.07
    assert value("motte_webhook_lag_seconds_count") == 1
    assert value("motte_webhook_events_given_up_total") == 4
    assert value("motte_webhook_gaps_total") == 1
    assert value("motte_webhook_dead_letters") == 7
    assert value("motte_webhook_failing_seconds") == 60
    assert value("motte_webhooks", {"status": "active"}) == 2
    assert value("motte_webhooks", {"status": "failing"}) == 1


def test_a_report_counts_as_many_tries_as_a_line_holds() -> None:
    """The front may stand still for long."""
    tally = Tally()
    for _ in range(MAX_COUNTS):
        tally.tried(Outcome.DELIVERED, 14.9999)
        tally.delivered(86_400.999)
    whole = tally.take()
    assert len(whole.tries) == len(whole.lags) == MAX_COUNTS
    assert len(msgspec.json.encode(whole)) < MAX_LINE_BYTES

    for _ in range(MAX_COUNTS + 1):
        tally.tried(Outcome.DELIVERED, 0.1)
        tally.delivered(0.1)
    assert tally.take() == Report(tries=[(Outcome.DELIVERED, 0.1)] * MAX_COUNTS, lags=[0.1] * MAX_COUNTS)
