"""What records show and what they keep to themselves."""

from tests.store.samples import QR, session


def test_no_log_of_a_session_or_its_code_holds_the_payload() -> None:
    assert "secret" not in f"{QR} {QR!r} {session(qr=QR)}"
