"""The database of sessions, messages, keys and leases."""
