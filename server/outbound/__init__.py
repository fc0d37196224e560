"""Messages that callers send: the outbox, and the couriers that hand it to connectors."""
