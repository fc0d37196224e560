"""Programs that stand in for the real ones under a real supervisord."""
