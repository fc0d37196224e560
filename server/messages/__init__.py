"""Messages that accounts received: how they are stored and deleted."""
