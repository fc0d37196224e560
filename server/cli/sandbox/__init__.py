"""`motte sandbox` and `motte demo`."""
