"""What Python reads of a session's connector.db."""

from pathlib import Path

from store.credentials import FILE, is_linked
from tests.fakes.credentials import leave_credentials


def test_credentials_are_linked_once_an_account_knows_them(tmp_path: Path) -> None:
    assert not is_linked(tmp_path)
    leave_credentials(tmp_path, linked=False)
    assert not is_linked(tmp_path)
    (tmp_path / FILE).unlink()
    leave_credentials(tmp_path, linked=True)
    assert is_linked(tmp_path)


def test_a_record_whose_connector_was_killed_in_its_first_moments_is_not_linked(tmp_path: Path) -> None:
    (tmp_path / FILE).touch()
    assert not is_linked(tmp_path)


def test_a_record_that_cannot_be_read_counts_as_linked(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("torn " * 1000)
    assert is_linked(tmp_path)
