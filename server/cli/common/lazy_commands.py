"""Commands that are imported when they are asked for: `motte --version` does not need the HTTP client."""

from collections.abc import Iterator, Mapping, MutableMapping
from importlib import import_module

import click

from server.core.garbage import no_collection


class LazyCommands(MutableMapping[str, click.Command]):
    """The commands of a group by their names, in the order in which they were given.

    places: where each command is, as `module:attribute`.
    """

    def __init__(self, places: Mapping[str, str]) -> None:
        self._places: dict[str, str | click.Command] = dict(places)

    def __getitem__(self, name: str) -> click.Command:
        place = self._places[name]
        if isinstance(place, str):
            module, _, attribute = place.partition(":")
            with no_collection():
                command: click.Command = getattr(import_module(module), attribute)
            self._places[name] = place = command
        return place

    def __setitem__(self, name: str, command: click.Command) -> None:
        self._places[name] = command

    def __delitem__(self, name: str) -> None:
        del self._places[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    def __contains__(self, name: object) -> bool:
        return name in self._places
