"""Messages that callers send: the outbox, and the dispatchers that hand it to connectors."""
