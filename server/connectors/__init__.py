"""The processes of the sessions: their pipes, their starts, their credentials."""
