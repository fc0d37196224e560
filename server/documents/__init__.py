"""The JSON of a session and of a message, as responses and events show it."""
