"""`motte doctor` on what keeps connectors apart."""

from server.cli.doctor.finding import Verdict
from server.cli.doctor.isolation import check_isolation
from server.core.settings.model import Isolation
from server.isolation.confinement import Offered

WHOLE = Offered(landlock=6, filters_calls=True)


def test_a_kernel_that_offers_all_is_in_order() -> None:
    finding = check_isolation(Isolation.ON, WHOLE)
    assert (finding.verdict, finding.detail) == (
        Verdict.OK,
        "Landlock 6, a filter of system calls, Node's permissions",
    )


def test_a_kernel_that_lacks_something_is_a_warning_that_names_it() -> None:
    finding = check_isolation(Isolation.ON, Offered(landlock=0, filters_calls=True))
    assert finding.verdict is Verdict.WARNING
    assert finding.detail.startswith("in part: no Landlock (Linux 5.13 has it)")


def test_isolation_that_is_turned_off_is_a_warning() -> None:
    finding = check_isolation(Isolation.OFF, WHOLE)
    assert finding.verdict is Verdict.WARNING
    assert "MOTTE_CONNECTOR_ISOLATION" in str(finding.advice)
