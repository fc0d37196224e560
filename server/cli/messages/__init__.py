"""`motte send` and `motte messages`."""
