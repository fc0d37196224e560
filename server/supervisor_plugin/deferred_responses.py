"""supervisord's answers on their way to the caller: sooner and in larger pieces than by stock code."""

from typing import Any

from supervisor.http import NOT_DONE_YET, deferring_http_channel

#: Seconds between two looks at an answer that is not there yet, as stock code takes them. A safeguard: after
#: every signal `look_at_all` has the next look taken at once. With 0 supervisord's loop would spin.
POLL_SECONDS = 1.0

#: Bytes sent in one turn of supervisord's loop; stock: 4096. The list of 500 connectors has 195,000.
PIECE = 1 << 16


def when_done(look: Any) -> Any:
    """look: gives the answer, or NOT_DONE_YET; supervisord then calls it until it gives one."""
    answer = look()
    if answer is not NOT_DONE_YET:
        return answer
    look.delay = POLL_SECONDS
    return look


def look_at_all(socket_map: dict[int, Any]) -> None:
    """Have each answer that waits be looked at in the next turn: a process has ended, it may be there."""
    for channel in socket_map.values():
        if isinstance(channel, deferring_http_channel):
            channel.last_writable_check = 0


def send_large_pieces() -> None:
    deferring_http_channel.ac_out_buffer_size = PIECE
