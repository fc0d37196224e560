"""Links that only Motte can write."""

import hmac
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.auth.scan_links import MAX_LIFETIME_SECONDS, ScanLink, ScanLinks
from server.core.errors import LinkInvalid
from store.errors import StoreUnavailable
from tests.store.samples import session
from tests.support.clock import TurnedClock

LINK = ScanLink("shop", created_at=1, linked_at=2, expires_at=3, until=4.5, boot=b"the boot")


@pytest.fixture
def links(tmp_path: Path) -> ScanLinks:
    return ScanLinks(tmp_path / "link.key")


def test_a_link_says_what_was_written(links: ScanLinks) -> None:
    for link in (LINK, replace(LINK, linked_at=None)):
        assert links.read(links.write(link)) == link


def test_a_link_fits_into_an_address(links: ScanLinks) -> None:
    longest = replace(LINK, session_id="s" * 64, created_at=2**53, linked_at=2**53, expires_at=2**53)
    text = links.write(longest)
    assert len(text) < 200
    assert text.replace("-", "").replace("_", "").isalnum()


def test_another_front_of_the_same_folder_reads_it(links: ScanLinks, tmp_path: Path) -> None:
    text = links.write(LINK)
    assert ScanLinks(tmp_path / "link.key").read(text) == LINK


def test_a_link_of_version_0_1_0_expires_by_wall_time(links: ScanLinks, tmp_path: Path) -> None:
    links.write(LINK)  # makes the key
    clock = TurnedClock()
    body = struct.pack("!QQQ", 1, 2, clock.wall() + 600_000) + b"shop"
    key = (tmp_path / "link.key").read_bytes()
    signature = hmac.digest(key, b"motte scan link 2\n" + body, "sha256")
    link = links.read(urlsafe_b64encode(signature + body).decode().rstrip("="))
    assert (link.session_id, link.created_at, link.linked_at) == ("shop", 1, 2)
    assert link.left(clock) == 600
    clock.step_wall(600)
    assert link.left(clock) == 0
    with pytest.raises(LinkInvalid):
        links.read(urlsafe_b64encode(signature + body[:-1] + b"q").decode().rstrip("="))


def test_a_wall_clock_that_is_set_neither_ends_nor_prolongs_a_link() -> None:
    clock = TurnedClock()
    link = ScanLink.to(session(), clock, lifetime=600)
    for step in (8 * 86_400, -16 * 86_400):
        clock.step_wall(step)
        assert link.left(clock) == 600
    clock.advance(600)
    assert link.left(clock) == 0


def test_after_a_reboot_wall_time_ends_a_link() -> None:
    clock = TurnedClock()
    link = ScanLink.to(session(), clock, lifetime=MAX_LIFETIME_SECONDS)
    clock.reboot("boot-2")
    assert link.left(clock) == MAX_LIFETIME_SECONDS
    clock.step_wall(-1)  # it would last longer than any link can
    assert link.left(clock) == 0
    clock.step_wall(MAX_LIFETIME_SECONDS + 1)
    assert link.left(clock) == 0


def test_another_motte_does_not(links: ScanLinks, tmp_path: Path) -> None:
    with pytest.raises(LinkInvalid):
        ScanLinks(tmp_path / "other.key").read(links.write(LINK))


def test_each_bit_of_a_link_is_signed(links: ScanLinks) -> None:
    text = links.write(LINK)
    signed = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    for place in range(len(signed)):
        for bit in range(8):
            forged = bytearray(signed)
            forged[place] ^= 1 << bit
            with pytest.raises(LinkInvalid):
                links.read(urlsafe_b64encode(forged).decode().rstrip("="))


def test_a_link_that_was_cut_or_lengthened_is_none(links: ScanLinks) -> None:
    text = links.write(LINK)
    for wrong in (
        text[:-1],
        text[1:],
        text + "A",
        text + "=",
        text + "AAAA",
        f" {text}",
        text + "\n",
        text[:60],
    ):
        with pytest.raises(LinkInvalid):
            links.read(wrong)


def test_no_two_texts_are_the_same_link(links: ScanLinks) -> None:
    """The last letter of base64 may have bits that mean nothing."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    for session_id in ("shop", "shops", "shopss"):
        text = links.write(replace(LINK, session_id=session_id))
        for letter in set(alphabet) - {text[-1]}:
            with pytest.raises(LinkInvalid):
                links.read(text[:-1] + letter)


@given(st.text(max_size=200))
def test_no_other_text_is_a_link(text: str) -> None:
    with pytest.raises(LinkInvalid):
        _KEPT.read(text)


class _Kept(ScanLinks):
    """With a key that is in no file."""

    def __init__(self) -> None:
        super().__init__(Path("/nonexistent"))
        self.__dict__["_key"] = bytes(32)


_KEPT = _Kept()


def test_the_key_is_its_owners_alone_and_made_when_it_is_needed(links: ScanLinks, tmp_path: Path) -> None:
    assert list(tmp_path.iterdir()) == []
    links.write(LINK)
    (file,) = tmp_path.iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    assert len(file.read_bytes()) == 32


def test_a_key_that_another_front_made_meanwhile_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = ScanLinks(tmp_path / "link.key")
    text = other.write(LINK)
    monkeypatch.setattr(Path, "exists", lambda path: False)
    assert ScanLinks(tmp_path / "link.key").read(text) == LINK
    assert [file.name for file in tmp_path.iterdir()] == ["link.key"]


@pytest.mark.parametrize("content", [b"", b"short", bytes(33)])
def test_a_key_that_is_damaged_signs_nothing(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "link.key").write_bytes(content)
    with pytest.raises(StoreUnavailable, match="damaged"):
        ScanLinks(tmp_path / "link.key").write(LINK)


def test_a_key_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable):
        ScanLinks(tmp_path / "missing" / "link.key").write(LINK)
