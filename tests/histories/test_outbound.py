"""What the history checker finds in what was sent."""

from dataclasses import replace

import pytest

from tests.histories import findings
from tests.histories.check import check
from tests.histories.history import History, Post, Recorded, Shown
from tests.histories.outbound import copies_of
from tests.histories.samples import BO, BOS_LAPTOP, BOS_PHONE, CY, GOOD, GROUP, post, sent, shown


def of_bo(*messages: Shown, by: str = BOS_PHONE) -> History:
    """The good history, but for the chat with Bo as one device shows it."""
    rest = shown("all", chat=GROUP)
    return replace(GOOD, shown={**GOOD.shown, by: [*messages, *rest]})


def with_a_third(third: Post, *recorded: Recorded) -> History:
    """The good history and one more message, which no device shows."""
    return replace(GOOD, posts=[*GOOD.posts, third], outbound=[*(GOOD.outbound or ()), *recorded], log=None)


def seen_by_bo(history: History, *more: Shown) -> History:
    """A history in which both devices of Bo show something more."""
    both = {viewer: [*history.shown[viewer], *more] for viewer in (BOS_PHONE, BOS_LAPTOP)}
    return replace(history, shown={**history.shown, **both})


def test_nothing_is_wrong_with_a_good_history() -> None:
    assert check(GOOD) == []


def test_nothing_is_wrong_with_a_history_in_which_nothing_happened() -> None:
    assert check(History()) == []


def test_a_text_that_a_phone_does_not_show_is_lost() -> None:
    assert check(of_bo(*shown("b"))) == [findings.Lost(BOS_PHONE, BO, "a", "id-a")]


def test_a_text_that_only_a_linked_device_does_not_show_is_lost() -> None:
    assert check(of_bo(*shown("a"), by=BOS_LAPTOP)) == [findings.Lost(BOS_LAPTOP, BO, "b", "id-b")]


def test_a_member_of_a_group_who_misses_one_is_named() -> None:
    history = replace(GOOD, shown={**GOOD.shown, CY: []})
    assert check(history) == [findings.Lost(CY, GROUP, "all", "id-all")]


def test_a_device_that_nobody_asked_shows_nothing() -> None:
    without = {viewer: messages for viewer, messages in GOOD.shown.items() if viewer != CY}
    assert check(replace(GOOD, shown=without)) == [findings.Lost(CY, GROUP, "all", "id-all")]


def test_an_accepted_text_of_which_nobody_read_the_record_must_be_shown() -> None:
    history = replace(of_bo(*shown("b")), outbound=None, log=None)
    assert check(history) == [findings.Lost(BOS_PHONE, BO, "a", "id-a")]


def test_a_text_under_two_ids_is_shown_twice() -> None:
    found = check(of_bo(*shown("a", "b"), Shown(BO, "id-other", "a")))
    assert findings.ShownTwice(BOS_PHONE, "a", ("id-a", "id-other")) in found
    assert findings.WrongId(BOS_PHONE, "a", "id-other", "id-a") in found


def test_a_text_that_a_device_shows_again_under_its_id_is_shown_twice() -> None:
    found = check(of_bo(*shown("a", "b", "b")))
    assert found == [findings.ShownTwice(BOS_PHONE, "b", ("id-b", "id-b"))]


def test_texts_in_another_order_than_they_were_accepted_are_found() -> None:
    assert check(of_bo(*shown("b", "a"))) == [findings.ShownOutOfOrder(BOS_PHONE, BO, "a", "b")]


def test_a_text_far_behind_a_later_one_is_found() -> None:
    posts = [post(number, text) for number, text in enumerate("abcd")]
    history = History(
        posts=posts, shown={BOS_PHONE: shown("b", "d", "c", "a")}, audience={("shop", BO): (BOS_PHONE,)}
    )
    assert check(history) == [
        findings.ShownOutOfOrder(BOS_PHONE, BO, "c", "d"),
        findings.ShownOutOfOrder(BOS_PHONE, BO, "a", "d"),
    ]


def test_a_text_that_was_asked_for_in_the_moment_of_the_answer_comes_behind() -> None:
    posts = [post(1, "a"), post(2, "b")._replace(began=1.5), *GOOD.posts[2:]]
    found = check(replace(of_bo(*shown("b", "a")), posts=posts))
    assert found == [findings.ShownOutOfOrder(BOS_PHONE, BO, "a", "b")]


def test_texts_that_were_asked_for_at_the_same_time_may_come_in_any_order() -> None:
    posts = [post(1, "a"), post(2, "b")._replace(began=1.2), *GOOD.posts[2:]]
    assert check(replace(of_bo(*shown("b", "a")), posts=posts)) == []


def test_a_text_whose_first_request_had_no_answer_may_come_before_or_after_the_next() -> None:
    """Nobody knows whether the first request or the second one queued it."""
    unanswered = Post("key-a", "shop", BO, "a", 1.0)
    posts = [unanswered, post(2, "b"), post(3, "a"), *GOOD.posts[2:]]
    assert check(replace(of_bo(*shown("a", "b")), posts=posts)) == []
    assert check(replace(of_bo(*shown("b", "a")), posts=posts)) == []


def test_order_is_that_of_a_chat_not_of_all_chats() -> None:
    messages = [*shown("all", chat=GROUP), *shown("a", "b")]
    assert check(replace(GOOD, shown={**GOOD.shown, BOS_PHONE: messages})) == []


def test_a_copy_that_a_kill_explains_is_allowed_and_counted() -> None:
    history = of_bo(Shown(BO, "id-a", "a", copies=2), *shown("b"))
    assert check(replace(history, copies_allowed=1)) == []
    assert copies_of(history) == 1


def test_a_copy_that_nothing_explains_is_found() -> None:
    assert check(of_bo(Shown(BO, "id-a", "a", copies=2), *shown("b"))) == [findings.TooManyCopies(1, 0)]


def test_a_copy_at_every_member_of_a_group_is_one_copy() -> None:
    again = [Shown(GROUP, "id-all", "all", copies=2)]
    history = replace(GOOD, shown=dict.fromkeys(GOOD.shown, again))
    assert copies_of(history) == 1


@pytest.mark.parametrize(
    "code", ["not-on-whatsapp", "restricted", "new-chat-limit", "rejected", "no-device", "cancelled"]
)
def test_a_message_that_failed_truly_must_not_be_shown(code: str) -> None:
    failed = with_a_third(post(4, "c"), sent("c", status="failed")._replace(code=code))
    assert check(failed) == []
    assert check(seen_by_bo(failed, *shown("c"))) == [
        findings.ShownAfterFailure(viewer, "c", "id-c", code) for viewer in (BOS_PHONE, BOS_LAPTOP)
    ]


@pytest.mark.parametrize("code", ["expired", "logged-out"])
def test_a_message_that_failed_after_an_attempt_may_have_arrived(code: str) -> None:
    failed = with_a_third(post(4, "c"), sent("c", status="failed")._replace(code=code, attempts=1))
    assert check(failed) == []
    assert check(seen_by_bo(failed, *shown("c"))) == []


def test_a_message_that_expired_before_any_attempt_must_not_be_shown() -> None:
    failed = with_a_third(post(4, "c"), sent("c", status="failed")._replace(code="expired", attempts=0))
    assert check(seen_by_bo(failed, *shown("c"))) == [
        findings.ShownAfterFailure(viewer, "c", "id-c", "expired") for viewer in (BOS_PHONE, BOS_LAPTOP)
    ]


@pytest.mark.parametrize("status", [400, 401, 409, 422, 429, 503])
def test_a_text_that_was_refused_must_not_be_shown(status: int) -> None:
    refused = with_a_third(Post("key-c", "shop", BO, "c", 4.0, 4.5, status))
    assert check(refused) == []
    assert check(seen_by_bo(refused, *shown("c"))) == [
        findings.ShownAfterRefusal(viewer, "c") for viewer in (BOS_PHONE, BOS_LAPTOP)
    ]


@pytest.mark.parametrize("status", [None, 500, 502])
def test_a_text_whose_answer_says_nothing_may_be_shown_once_or_never(status: int | None) -> None:
    unknown = with_a_third(Post("key-c", "shop", BO, "c", 4.0, None, status))
    assert check(unknown) == []
    assert check(seen_by_bo(unknown, *shown("c"))) == []
    assert check(seen_by_bo(unknown, *shown("c", "c"))) == [
        findings.ShownTwice(viewer, "c", ("id-c", "id-c")) for viewer in (BOS_PHONE, BOS_LAPTOP)
    ]


def test_a_text_that_was_refused_once_and_then_accepted_must_be_shown() -> None:
    refused = post(3, "c")._replace(status=429, id=None)
    accepted = with_a_third(post(4, "c"), sent("c"))
    history = replace(accepted, posts=[*GOOD.posts, refused, post(4, "c")])
    assert check(history) == [findings.Lost(viewer, BO, "c", "id-c") for viewer in (BOS_PHONE, BOS_LAPTOP)]
    assert check(seen_by_bo(history, *shown("c"))) == []


def test_a_text_that_nobody_asked_for_is_found() -> None:
    assert check(of_bo(*shown("a", "b", "x"))) == [findings.NeverAsked(BOS_PHONE, BO, "x")]


def test_a_text_in_a_wrong_chat_is_found() -> None:
    history = replace(GOOD, shown={**GOOD.shown, CY: [Shown("491700000001", "id-all", "all")]})
    assert check(history) == [findings.WrongChat(CY, "all", "491700000001", GROUP)]


def test_a_text_at_a_phone_to_which_it_was_not_sent_is_found() -> None:
    history = replace(GOOD, shown={**GOOD.shown, CY: [*GOOD.shown[CY], *shown("a")]})
    assert check(history) == [findings.ShownToStranger(CY, "a")]


def test_two_messages_for_one_key_are_found() -> None:
    again = post(4, "a")._replace(id="id-other")
    history = replace(GOOD, posts=[*GOOD.posts, again], outbound=None, log=None)
    assert check(history) == [findings.TwoAnswers("key-a", ("id-a", "id-other"))]


def test_one_message_for_two_keys_is_found() -> None:
    posts = [*GOOD.posts, post(4, "c")._replace(id="id-a")]
    history = replace(GOOD, posts=posts, audience={}, outbound=None, log=None)
    assert check(history) == [findings.SharedId("id-a", ("key-a", "key-c"))]


def test_a_retry_that_is_answered_with_the_same_message_is_right() -> None:
    assert check(replace(GOOD, posts=[*GOOD.posts, post(4, "a")._replace(status=200)])) == []


def test_a_text_that_is_two_messages_in_the_record_is_found_before_it_is_shown() -> None:
    twice = [*(GOOD.outbound or ()), sent("a", status="failed")._replace(id="id-other", code="cancelled")]
    found = check(replace(of_bo(*shown("a", "b")), outbound=twice, log=None))
    assert findings.QueuedTwice("a", ("id-a", "id-other")) in found


def test_an_accepted_message_that_is_not_in_the_record_is_found() -> None:
    history = replace(GOOD, outbound=[sent("a"), sent("all", GROUP)])
    assert check(history) == [findings.Forgotten("b", "id-b")]


@pytest.mark.parametrize("status", ["queued", "handed"])
def test_a_message_that_is_still_on_its_way_at_the_end_is_found(status: str) -> None:
    history = with_a_third(post(4, "c"), sent("c", status=status))
    assert check(history) == [findings.Unsettled("c", "id-c", status)]


def test_a_history_in_which_two_keys_ask_for_one_text_cannot_be_judged() -> None:
    posts = [*GOOD.posts, post(4, "a")._replace(key="key-other")]
    with pytest.raises(ValueError, match="several keys, sessions or chats ask for 'a'"):
        check(replace(GOOD, posts=posts))
