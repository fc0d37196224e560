"""Motte's version, as it was when this process began. It stands here alone: setup.py reads it.

`importlib.metadata` would read that of what was installed last, and takes 20 ms in each process.
"""

from typing import Final

VERSION: Final = "0.2.0"
