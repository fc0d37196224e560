"""Motte's version, as it was when this process began."""

from importlib.metadata import version
from typing import Final

#: That of the code that runs. The metadata on the disk are those of what was installed last.
VERSION: Final = version("motte")
