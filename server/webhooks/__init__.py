"""Webhooks: pushes the event log to the servers of callers, signed, in order, until they have it."""
