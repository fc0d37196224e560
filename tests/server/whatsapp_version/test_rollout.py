"""How a new version comes into use, in every order of events."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.whatsapp_version.rollout import MAX_REFUSED, Rollout

#: The built-in revision, and newer ones that a site may announce.
A, B, C, D = 100, 200, 300, 400

#: A step of a history: the site announces, WhatsApp accepts, WhatsApp refuses.
Step = tuple[str, int]


def after(steps: Iterable[Step]) -> Rollout:
    rollout = Rollout.of(A)
    for word, revision in steps:
        rollout = step(rollout, word, revision)
    return rollout


def step(rollout: Rollout, word: str, revision: int) -> Rollout:
    match word:
        case "announced":
            return rollout.after_look_up(revision)
        case "accepted":
            return rollout.after_acceptance(revision)
        case _:
            return rollout.after_refusal(revision)


@pytest.mark.parametrize(
    ("steps", "current", "candidate"),
    [
        ([], A, None),
        ([("accepted", A)], A, None),
        # A newer one is tried, and used once it was accepted.
        ([("announced", B)], A, B),
        ([("announced", B), ("accepted", A)], A, B),
        ([("announced", B), ("accepted", B)], B, None),
        # An older one than is in use is not.
        ([("announced", B), ("accepted", B), ("announced", A)], B, None),
        ([("announced", C), ("accepted", C), ("announced", B)], C, None),
        # A refused candidate is tried no more, whatever the site says; the next one is.
        ([("announced", B), ("refused", B)], A, None),
        ([("announced", B), ("refused", B), ("announced", B)], A, None),
        ([("announced", B), ("refused", B), ("announced", C)], A, C),
        ([("announced", B), ("refused", B), ("announced", C), ("announced", B)], A, None),
        # The one in use is refused: what is announced is tried, or what was accepted before.
        ([("refused", A)], A, None),
        ([("refused", A), ("announced", B)], A, B),
        ([("announced", B), ("refused", A)], A, B),
        ([("announced", B), ("refused", A), ("refused", B)], A, None),
        ([("announced", B), ("refused", B), ("refused", A)], A, None),
        ([("announced", B), ("refused", A), ("accepted", B)], B, None),
        ([("announced", B), ("accepted", B), ("refused", B)], B, A),
        ([("announced", B), ("accepted", B), ("refused", B), ("accepted", A)], A, None),
        ([("announced", B), ("accepted", B), ("refused", B), ("refused", A)], B, None),
        # Two were accepted: the last one comes back, not the one before it.
        (
            [("announced", B), ("accepted", B), ("announced", C), ("accepted", C), ("refused", C)],
            C,
            B,
        ),
        # A newer one goes before an older one.
        (
            [("announced", B), ("accepted", B), ("announced", C), ("refused", B)],
            B,
            C,
        ),
        (
            [("announced", B), ("accepted", B), ("announced", C), ("refused", B), ("refused", C)],
            B,
            A,
        ),
        # WhatsApp takes a refusal back.
        ([("refused", A), ("accepted", A)], A, None),
        ([("announced", B), ("refused", B), ("accepted", B)], A, B),
        # A candidate that another one has replaced proves nothing any more.
        ([("announced", B), ("announced", C), ("accepted", B)], A, C),
        ([("announced", B), ("announced", C), ("refused", B)], A, C),
        # What Motte never announced, such as a version that somebody had fixed.
        ([("accepted", D)], A, None),
        ([("refused", D), ("announced", D)], A, D),
    ],
)
def test_what_links_announce_and_what_one_link_tries(
    steps: list[Step], current: int, candidate: int | None
) -> None:
    rollout = after(steps)
    assert (rollout.current, rollout.candidate) == (current, candidate)


def test_a_newer_built_in_version_takes_the_place_of_a_looked_up_one() -> None:
    old = after([("announced", B), ("accepted", B)])
    new = Rollout(
        built_in=C, current=max(C, old.current), announced=B, accepted=old.accepted, refused=old.refused
    )
    assert (new.current, new.candidate) == (C, None)
    assert new.after_refusal(C).candidate == B  # which was accepted


HISTORIES = st.lists(
    st.tuples(st.sampled_from(["announced", "accepted", "refused"]), st.sampled_from([A, B, C, D])),
    max_size=30,
)


@given(HISTORIES)
def test_no_history_has_a_refused_version_tried_nor_one_in_use_that_was_never_accepted(
    steps: list[Step],
) -> None:
    rollout = Rollout.of(A)
    accepted = {A}
    for word, revision in steps:
        before, rollout = rollout, step(rollout, word, revision)
        if word == "accepted":
            accepted.add(revision)
        assert rollout.candidate is None or rollout.candidate not in {*rollout.refused, rollout.current}
        assert rollout.current in accepted
        if rollout.current != before.current:
            assert (word, rollout.current) == ("accepted", revision)
            assert revision > before.current or before.is_refused


@given(HISTORIES)
def test_after_any_history_an_announced_version_that_is_accepted_ends_a_refusal(steps: list[Step]) -> None:
    newest = 1000
    rollout = after([*steps, ("refused", A)]).after_look_up(newest)
    assert rollout.candidate == newest
    rollout = rollout.after_acceptance(newest)
    assert (rollout.current, rollout.candidate, rollout.is_refused) == (newest, None, False)


def test_what_is_remembered_is_bounded() -> None:
    rollout = Rollout.of(A)
    for revision in range(A + 1, A + 100):
        rollout = rollout.after_look_up(revision).after_refusal(revision)
    assert rollout.refused == tuple(range(A + 100 - MAX_REFUSED, A + 100))


def test_the_last_two_accepted_versions_are_remembered() -> None:
    rollout = Rollout.of(A)
    for revision in (A + 1, A + 2, A + 3):
        rollout = rollout.after_look_up(revision).after_acceptance(revision)
    assert rollout.accepted == (A + 2, A + 3)
