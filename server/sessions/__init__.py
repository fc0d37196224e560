"""What a session does: create, refresh, restart, log out, reconcile."""
