"""Whole numbers in options, with an error that says what they must be."""

from typing import Any

import click


class WholeNumber(click.IntRange):
    """A whole number within bounds, which count too."""

    def __init__(self, least: int, most: int | None = None, *, of: str | None = None) -> None:
        """of: the unit, such as `seconds`."""
        super().__init__(least, most)
        unit = f" of {of}" if of else ""
        bounds = f"{least} or more" if most is None else f"{least} to {most}"
        self.rule = f"must be a whole number{unit}, {bounds}"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Returns the number. Raises click.BadParameter."""
        try:
            return int(super().convert(value, param, ctx))
        except click.BadParameter:
            self.fail(self.rule, param, ctx)
