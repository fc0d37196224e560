"""Which session tries a version for the others."""

from server.whatsapp_version.schedule import PACE
from server.whatsapp_version.trials import Trials


async def test_a_session_tries_again_only_after_all_others_that_wait() -> None:
    trials = Trials(PACE)
    tried = []
    for revision in range(12):
        waiting = ["a", "b", "c"] if revision < 6 else ["a", "b", "c", "new"]
        session_id = trials.next_of(waiting)
        assert session_id is not None
        assert trials.begin(session_id, revision, is_urgent=True)
        trials.end()
        tried.append(session_id)
    assert tried == [*"abc", *"abc", "new", *"abc", "new", "a"]


async def test_nobody_tries_if_nobody_waits() -> None:
    assert Trials(PACE).next_of([]) is None
