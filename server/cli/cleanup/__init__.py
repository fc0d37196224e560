"""`motte cleanup`."""
