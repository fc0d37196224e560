"""`motte tail`."""
