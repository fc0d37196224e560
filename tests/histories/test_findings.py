"""Findings say themselves, and random histories are judged as they were made."""

from dataclasses import fields, replace
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from tests.histories import findings
from tests.histories.check import check
from tests.histories.findings import Finding
from tests.histories.history import History, Post, Shown
from tests.histories.samples import BO, GROUP

#: Parts of findings that are several texts.
LISTS = ("ids", "keys")

CHATS = {BO: ("phone", "laptop"), GROUP: ("phone", "laptop", "other")}


def test_every_kind_of_finding_says_in_a_sentence_what_it_holds() -> None:
    for kind in Finding.__subclasses__():
        parts = [part.name for part in fields(kind)]
        said = str(kind(*((f"<{name}>",) if name in LISTS else f"<{name}>" for name in parts)))
        assert any(f"<{name}>" in said for name in parts)
        assert not said.startswith(kind.__name__)


def random_history(random: Random, number: int) -> History:
    """Callers of two chats that try until they have an answer; devices show each text once and in order."""
    posts: list[Post] = []
    seen: dict[str, list[Shown]] = {viewer: [] for viewers in CHATS.values() for viewer in viewers}
    for index in range(number):
        chat = random.choice(sorted(CHATS))
        text, began = f"text {index}", float(10 * index)
        message = f"id {index}"
        key = f"key {index}"
        posts += [Post(key, "shop", chat, text, began + tried) for tried in range(random.randrange(3))]
        posts.append(Post(key, "shop", chat, text, began + 4, began + 5, 201, message))
        for viewer in CHATS[chat]:
            seen[viewer].append(Shown(chat, message, text))
    audience = {("shop", chat): viewers for chat, viewers in CHATS.items()}
    return History(posts=posts, shown=seen, audience=audience)


@given(st.randoms(use_true_random=False), st.integers(1, 20))
def test_random_good_histories_are_good(random: Random, number: int) -> None:
    assert check(random_history(random, number)) == []


@given(st.randoms(use_true_random=False), st.integers(1, 20))
def test_whichever_message_a_device_loses_is_found(random: Random, number: int) -> None:
    history = random_history(random, number)
    viewer = random.choice([name for name, messages in history.shown.items() if messages])
    messages = list(history.shown[viewer])
    lost = messages.pop(random.randrange(len(messages)))
    found = check(replace(history, shown={**history.shown, viewer: messages}))
    assert found == [findings.Lost(viewer, lost.chat, lost.text, lost.id)]


@given(st.randoms(use_true_random=False), st.integers(1, 20))
def test_whichever_message_a_device_shows_again_is_found(random: Random, number: int) -> None:
    history = random_history(random, number)
    viewer = random.choice([name for name, messages in history.shown.items() if messages])
    messages = list(history.shown[viewer])
    again = random.choice(messages)
    found = check(replace(history, shown={**history.shown, viewer: [*messages, again]}))
    assert findings.ShownTwice(viewer, again.text, (again.id, again.id)) in found


@given(st.randoms(use_true_random=False), st.integers(2, 20))
def test_whichever_two_messages_of_a_chat_change_places_are_found(random: Random, number: int) -> None:
    history = random_history(random, number)
    in_chat = [index for index, message in enumerate(history.shown["phone"]) if message.chat == BO]
    if len(in_chat) < 2:
        return
    one, other = sorted(random.sample(in_chat, 2))
    messages = list(history.shown["phone"])
    messages[one], messages[other] = messages[other], messages[one]
    found = check(replace(history, shown={**history.shown, "phone": messages}))
    first = messages[other]
    assert any(isinstance(each, findings.ShownOutOfOrder) and each.text == first.text for each in found)
    assert {type(each) for each in found} == {findings.ShownOutOfOrder}
