"""Scopes of API keys."""

from enum import StrEnum


class Scope(StrEnum):
    """What a key may do."""

    READ = "sessions:read"  # read sessions, their codes and the messages that they received
    WRITE = "sessions:write"  # create, change and delete sessions
    READ_MESSAGES = "messages:read"  # read messages and events
    SEND = "messages:write"  # send messages
    WEBHOOKS = "webhooks"  # make, change and delete webhooks, to which messages are pushed
    ADMIN = "admin"  # everything
