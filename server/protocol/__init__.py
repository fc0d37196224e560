"""The pipe protocol between the front and the connectors."""
