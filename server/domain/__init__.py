"""The rules of a session's status. Pure: no input and no output."""
