"""Ids of messages that callers send."""

import re

from server.outbound.message_ids import new_message_id


def test_an_id_looks_like_one_of_whatsapp_web_and_never_comes_twice() -> None:
    ids = [new_message_id() for _ in range(10_000)]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"3EB0[0-9A-F]{18}", one) for one in ids)
