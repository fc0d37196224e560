"""The HTTP API: routes with their handlers, and the OpenAPI document."""
