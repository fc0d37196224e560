"""`motte sessions`."""
