"""`motte keys`."""
