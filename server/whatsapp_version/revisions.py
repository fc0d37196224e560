"""Revisions of WhatsApp Web: the built-in one, when each was built, and which are plausible.

A version is `2.3000.N`. Only N, its revision, changes: it grows with every build of Meta.
"""

import re
from bisect import bisect_right
from datetime import UTC, date, datetime, timedelta
from typing import Final

PREFIX: Final = "2.3000."

#: Revisions with the day on which each was built or first seen, the oldest first.
#:
#: The first ones are from dated commits of tulir/whatsmeow and releases of Baileys.
#: 1047447330 was checked on the live site. 1049558099 is what whatsmeow's protocol definitions name in
#: October 2026; a gateway that updated to them released on the 8th. 1049950004 is the newest that public
#: sources know: an archive of the site's bundles has it under the 10th, two days and 392,000 numbers later.
DATED: Final = (
    (1_023_223_821, date(2025, 5, 27)),
    (1_027_934_701, date(2025, 10, 2)),
    (1_035_194_821, date(2026, 3, 14)),
    (1_043_857_760, date(2026, 7, 25)),
    (1_045_649_367, date(2026, 8, 20)),
    (1_047_447_330, date(2026, 9, 14)),
    (1_048_567_512, date(2026, 9, 26)),
    (1_049_558_099, date(2026, 10, 8)),
    (1_049_950_004, date(2026, 10, 10)),
)

#: The revision that Motte announces without a look-up, and the day on which it was built.
BUILT_IN, BUILT_IN_ON = DATED[-1]

#: Limit from the day of the built-in revision on. Public revisions grew by 45,000 to 100,000 a day on
#: average, and by 196,000 within two days.
MAX_REVISIONS_PER_DAY: Final = 200_000

#: Assumed for revisions outside the table.
USUAL_REVISIONS_PER_DAY: Final = 75_000

#: A version of this age is called old. Earlier versions were refused 126 to 145 days after they were built.
OLD_AFTER_DAYS: Final = 100

_REVISION = re.compile(r"2\.3000\.([0-9]{1,10})")

_DAY: Final = timedelta(days=1)


def version_of(revision: int) -> str:
    """Returns a version such as `2.3000.1049950004`."""
    return f"{PREFIX}{revision}"


def revision_of(version: str | None) -> int | None:
    """Returns the number at the end of `2.3000.N`; None for any other version."""
    match = _REVISION.fullmatch(version or "")
    return int(match[1]) if match else None


def built_on(revision: int) -> date:
    """Returns about the day on which a revision was built, interpolated between known days."""
    known = [number for number, _ in DATED]
    place = bisect_right(known, revision)
    number, day = DATED[max(0, place - 1)]
    if 0 < place < len(DATED):
        next_number, next_day = DATED[place]
        per_day = (next_number - number) / ((next_day - day) / _DAY)
    else:
        per_day = USUAL_REVISIONS_PER_DAY
    days = round((revision - number) / per_day)
    return date.fromordinal(min(max(day.toordinal() + days, 1), date.max.toordinal()))


def is_believable(revision: int, now: int) -> bool:
    """Whether this revision of a site is plausible. now: milliseconds since 1970."""
    return BUILT_IN < revision <= newest_believable(now)


def newest_believable(now: int) -> int:
    """Returns the highest plausible revision. now: milliseconds since 1970.

    If the host's clock is before the day of the built-in revision, the result is below that revision.
    """
    built = datetime.combine(BUILT_IN_ON, datetime.min.time(), UTC)
    days = (datetime.fromtimestamp(now / 1000, UTC) - built) / _DAY
    return BUILT_IN + int(MAX_REVISIONS_PER_DAY * days)
