"""What supervisord lacks: it starts, restarts and stops a connector for each session."""
