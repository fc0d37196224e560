"""A message that a caller names and nobody has is refused with its id and its chat."""

import pytest

from server.core.errors import MessageNotFound
from server.outbound.drafts import NamedMessage
from server.outbound.message_lookup import only_one

BO = "4915112345678@s.whatsapp.net"


@pytest.mark.parametrize(("chat", "where"), [(None, ""), (BO, f" in the chat {BO}")])
def test_a_refusal_names_the_message_and_where_it_was_looked_for(chat: str | None, where: str) -> None:
    with pytest.raises(MessageNotFound) as raised:
        only_one([], NamedMessage(id="3EB0AA", chat=chat), lambda _: [])
    assert raised.value.detail == f"there is no message 3EB0AA{where}"
