"""One module for each resource: its schemas, handlers and routes with their descriptions."""
