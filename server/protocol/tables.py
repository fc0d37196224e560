"""Tables that the front and the connectors share: files of connector/, by code."""

from typing import Final, TypeVar

import msgspec

from server.core.installation import FILES

Meaning = TypeVar("Meaning")

_FOLDER: Final = FILES / "connector"


def read_table(name: str, meaning: type[Meaning]) -> dict[str, Meaning]:
    """Returns what each code means. Raises OSError, msgspec.DecodeError.

    Returns an empty table if connector/ is missing. `motte serve` reports that and does not start.
    """
    try:
        return msgspec.json.decode((_FOLDER / name).read_bytes(), type=dict[str, meaning])  # type: ignore[valid-type]
    except FileNotFoundError:
        return {}
