"""Events of sessions for the clients that follow them."""
