"""The alert rules and the dashboard ask for what is really measured."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from server.connectors.supervisor_client import RestartCounts
from server.core.errors import MotteError
from server.observability.metrics import Metrics
from store.records.sessions import Status
from tests.support.clock import TurnedClock

DOCS = Path(__file__).parents[2] / "docs"
DEPLOY = DOCS.parent / "deploy"

#: Series of a histogram or a counter, beside its name.
SUFFIXES = ("_bucket", "_count", "_sum", "_total")

#: What Prometheus itself knows of a target, or puts on its series.
OF_PROMETHEUS = {"up": {"job", "instance"}}


def _measured() -> dict[str, set[str]]:
    """Every series with its labels, once supervisord has answered."""
    found = dict(OF_PROMETHEUS)
    metrics = Metrics(TurnedClock())
    metrics.connectors.show([], RestartCounts(), [])
    metrics.version.show(version="2.3000.1", source="built-in", age=1, is_refused=False)
    for family in metrics.registry.collect():
        for sample in family.samples:
            found.setdefault(sample.name, {"instance", "job"}).update(sample.labels)
    return found


#: A histogram with labels has no sample before its first observation.
LABELS = {
    "motte_time_to_qr_seconds": {"socket"},
    "motte_http_request_seconds": {"method", "route", "status"},
}
MEASURED = _measured() | {
    name + suffix: labels | {"instance", "job", "le"}
    for name, labels in LABELS.items()
    for suffix in ("_bucket", "_count", "_sum")
}


def _rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load((DEPLOY / "alerts.yml").read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def _panels() -> list[dict[str, Any]]:
    return list(json.loads((DEPLOY / "grafana.json").read_text())["panels"])


def _expressions() -> Iterator[tuple[str, str]]:
    for rule in _rules():
        yield rule["alert"], rule["expr"]
    for panel in _panels():
        for target in panel["targets"]:
            yield panel["title"], target["expr"]


EXPRESSIONS = list(_expressions())


def _series(expression: str) -> set[str]:
    """Names that are neither functions, labels, nor in a string."""
    bare = re.sub(r'"[^"]*"|\{[^}]*\}|\[[^\]]*\]|\b(?:by|without) \([^)]*\)', " ", expression)
    return set(re.findall(r"\b[a-z][a-z0-9_]+\b(?! *\()", bare))


@pytest.mark.parametrize(("of", "expression"), EXPRESSIONS, ids=[of for of, _ in EXPRESSIONS])
def test_every_expression_asks_for_series_that_exist(of: str, expression: str) -> None:
    assert _series(expression)
    assert _series(expression) <= MEASURED.keys()
    for left, right in ("()", "{}", "[]"):
        assert expression.count(left) == expression.count(right)


@pytest.mark.parametrize(("of", "expression"), EXPRESSIONS, ids=[of for of, _ in EXPRESSIONS])
def test_every_expression_asks_for_labels_that_its_series_have(of: str, expression: str) -> None:
    grouped = {
        label.strip() for labels in re.findall(r"\bby \(([^)]*)\)", expression) for label in labels.split(",")
    }
    known = set().union(*(MEASURED[name] for name in _series(expression)))
    assert grouped <= known
    for name, matchers in re.findall(r"(\w+)\{([^}]*)\}", expression):
        assert {label for label, _ in _matched(matchers)} <= MEASURED[name]


def test_every_status_and_outcome_that_is_asked_for_is_one() -> None:
    codes = {kind.code for kind in _kinds(MotteError) if hasattr(kind, "code")}
    for _, expression in EXPRESSIONS:
        for name, matchers in re.findall(r"(\w+)\{([^}]*)\}", expression):
            for label, values in _matched(matchers):
                if (name, label) == ("motte_sessions", "status"):
                    assert values <= set(Status)
                if label == "outcome":
                    assert values <= codes | set(Status) | {"code", "abandoned"}


@pytest.mark.parametrize("rule", _rules(), ids=lambda rule: rule["alert"])
def test_every_rule_says_how_bad_it_is_and_what_to_do(rule: dict[str, Any]) -> None:
    assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
    assert rule["labels"]["severity"] in ("warning", "critical")
    assert set(rule["annotations"]) == {"summary", "description"}


def test_alerts_and_panels_have_names_of_their_own_and_panels_do_not_overlap() -> None:
    names = [rule["alert"] for rule in _rules()] + [panel["title"] for panel in _panels()]
    assert len(names) == len(set(names))
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in _panels()]
    assert len(places) == len(set(places))


def test_the_docs_explain_each_series_and_no_other() -> None:
    explained = set(
        re.findall(r"^\| `(motte_[a-z_]+)", (DOCS / "reference" / "metrics.md").read_text(), re.MULTILINE)
    )
    measured = {name for name in MEASURED if name.startswith("motte_") and not name.endswith("_created")}
    assert explained == {re.sub(r"_(bucket|count|sum)$", "", name) for name in measured}


def _matched(matchers: str) -> Iterator[tuple[str, set[str]]]:
    for label, values in re.findall(r'(\w+)(?:=~|!~|!=|=)"([^"]*)"', matchers):
        yield label, set(values.split("|"))


def _kinds(of: type[MotteError]) -> Iterator[type[MotteError]]:
    for kind in of.__subclasses__():
        yield kind
        yield from _kinds(kind)
