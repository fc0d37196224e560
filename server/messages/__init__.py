"""Messages that accounts received."""
