"""`motte webhooks`."""
