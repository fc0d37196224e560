"""How large what a connector says may be. A line that says more is no event.

The connector cuts its texts to the same lengths (connector/ipc/bounds.js), so that a long name of an account
costs no event. A front trusts no connector: an account's messages and WhatsApp's answers go through it.
"""

from typing import Annotated

import msgspec

#: What an integer of a database can hold.
Count = Annotated[int, msgspec.Meta(ge=0, lt=2**62)]
#: Boot clock, seconds: less than a thousand years of uptime.
Moment = Annotated[float, msgspec.Meta(ge=0, lt=3.2e10)]
#: Milliseconds since 1970, of a year with four digits.
WallMoment = Annotated[int, msgspec.Meta(ge=0, lt=253_402_300_800_000)]
#: Seconds: a day at most.
Lifetime = Annotated[float, msgspec.Meta(ge=0, le=86_400)]
#: Seconds: two years at most.
Span = Annotated[float, msgspec.Meta(ge=0, le=2 * 366 * 86_400)]

#: Characters. A QR code of the largest size holds 2,953 bytes (ISO/IEC 18004, version 40-L).
Payload = Annotated[str, msgspec.Meta(max_length=2953)]
#: The name of an account, as the account chose it.
Name = Annotated[str, msgspec.Meta(max_length=200)]
#: An address or an id of WhatsApp, as the connector cuts it.
Address = Annotated[str, msgspec.Meta(max_length=200)]
#: A phone number without `+`: 15 digits at most (ITU-T E.164).
Number = Annotated[str, msgspec.Meta(max_length=15, pattern=r"^[0-9]+(?![\s\S])")]
#: A word that the programs made: a phase, a state, a version, a request.
Word = Annotated[str, msgspec.Meta(max_length=64)]
#: The name of an event.
EventName = Annotated[str, msgspec.Meta(max_length=64, pattern=r"^[a-z_]+(?![\s\S])")]
#: What a connector can do, beyond what every connector can.
Abilities = Annotated[tuple[Word, ...], msgspec.Meta(max_length=32)]
#: UTF-16 code units of the longest text of a message.
MAX_TEXT_UNITS = 65_536
#: The text of a message, in UTF-16 code units when the connector cuts it: never more characters than that.
Text = Annotated[str, msgspec.Meta(max_length=65_536)]
#: The text of a message that another one quotes.
Quotation = Annotated[str, msgspec.Meta(max_length=4_096)]
#: UTF-16 code units of it in a message that is sent: WhatsApp's apps show a quote in two or three lines.
MAX_QUOTED_UNITS = 1_024
#: Accounts that one message mentions: the largest group has so many members.
MAX_MENTIONS = 1_024
#: Phone numbers of a contact card.
MAX_CONTACT_NUMBERS = 100
#: Answers of a poll. WhatsApp's own apps let a person write 12.
MAX_POLL_OPTIONS = 100
#: A name in a message: of a place, a contact, a poll, a file.
Label = Annotated[str, msgspec.Meta(max_length=4_096)]
#: What a person chose. The form of a business has all answers in it.
Chosen = Annotated[str, msgspec.Meta(max_length=32_768)]
#: An answer of a poll.
Option = Annotated[str, msgspec.Meta(max_length=512)]
#: Degrees.
Latitude = Annotated[float, msgspec.Meta(ge=-90, le=90)]
Longitude = Annotated[float, msgspec.Meta(ge=-180, le=180)]
#: Seconds of a recording.
PlayingTime = Annotated[float, msgspec.Meta(ge=0, lt=2**53)]
#: An exit status, a signal, or how often something was tried.
SmallCount = Annotated[int, msgspec.Meta(ge=0, lt=2**31)]

#: Characters of a reason's code, and of its detail.
MAX_REASON_CODE_LENGTH = 64
MAX_REASON_DETAIL_LENGTH = 500
