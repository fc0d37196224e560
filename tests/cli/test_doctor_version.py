"""`motte doctor` on the version of WhatsApp Web that sessions announce."""

import pytest

from server.cli.doctor.finding import Finding, Verdict
from server.cli.doctor.version import CLEAR_FAULTS_ADVICE, LOOK_UP_ADVICE, UNSET_ADVICE, check_version
from server.core.clock import SystemClock
from server.core.paths import StateFolder
from server.core.settings.model import Settings
from server.whatsapp_version import cache
from server.whatsapp_version.cache import InUse, Known, Source


def announcing(folder: StateFolder, *, days: float, **fields: object) -> Finding:
    """What is found if the front announces a version of that age."""
    clock = SystemClock()
    known = {"version": "2.3000.1", "source": Source.ANNOUNCED, **fields}
    built_at = clock.wall() - round(days * 86_400_000)
    folder.path.mkdir(exist_ok=True)
    cache.save(folder.whatsapp_version, Known(in_use=InUse(built_at=built_at, **known)))  # type: ignore[arg-type]
    return check_version(folder, Settings(state=folder.path), clock)


def test_a_version_that_is_young_enough_is_in_order(folder: StateFolder) -> None:
    finding = announcing(folder, days=99)
    assert (finding.verdict, finding.detail) == (
        Verdict.OK,
        "2.3000.1, announced by WhatsApp's site, about 99 days old",
    )


@pytest.mark.parametrize(
    ("source", "advice"), [(Source.BUILT_IN, LOOK_UP_ADVICE), (Source.SETTING, UNSET_ADVICE)]
)
def test_a_version_of_a_hundred_days_is_worth_a_warning(
    folder: StateFolder, source: Source, advice: str
) -> None:
    finding = announcing(folder, days=100, source=source)
    assert (finding.verdict, finding.advice) == (Verdict.WARNING, advice)
    assert "WhatsApp may refuse it soon" in finding.detail


def test_a_version_that_whatsapp_refuses_is_worth_a_warning(folder: StateFolder) -> None:
    finding = announcing(folder, days=1, is_refused=True)
    assert finding.verdict is Verdict.WARNING
    assert finding.detail.endswith("WhatsApp refuses it")


def test_in_the_sandbox_no_version_is_too_old(folder: StateFolder) -> None:
    finding = announcing(folder, days=1000, is_simulated=True)
    assert (finding.verdict, finding.detail.rpartition(", ")[2]) == (Verdict.OK, "which the sandbox accepts")


def test_a_version_that_the_sandbox_refuses_is_no_matter_of_the_network(folder: StateFolder) -> None:
    finding = announcing(folder, days=1, is_simulated=True, is_refused=True)
    assert (finding.verdict, finding.advice) == (Verdict.WARNING, CLEAR_FAULTS_ADVICE)
    assert finding.detail.endswith("announced by WhatsApp's site: the sandbox refuses it")


def test_the_advice_mentions_no_look_up_that_is_turned_off(folder: StateFolder) -> None:
    announcing(folder, days=100, source=Source.BUILT_IN)
    finding = check_version(folder, Settings(state=folder.path, whatsapp_version="builtin"), SystemClock())
    assert finding.advice == UNSET_ADVICE
