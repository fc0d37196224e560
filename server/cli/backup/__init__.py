"""`motte backup` and `motte restore`."""
