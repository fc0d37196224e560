"""The record of a cool-down."""

from dataclasses import dataclass

from store.records.reason import Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class CoolDown:
    """How long no device is registered, after WhatsApp refused to register one."""

    #: Empty for the whole host.
    session_id: str
    #: Refusals in a row.
    refusals: int
    #: Why WhatsApp refused the last time.
    reason: Reason
    #: Seconds that it lasts in all. 0: the next attempt need not wait, but counts as one more in a row.
    length: float
    #: Boot clock, seconds.
    until: float
    #: The same moment in milliseconds since 1970: used only after another boot.
    until_wall: int
    #: The boot whose clock this is.
    boot_id: str
