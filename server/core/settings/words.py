"""Settings that are one of few words."""

from enum import StrEnum


class LogFormat(StrEnum):
    """Format of log lines."""

    TEXT = "text"  # key=value
    JSON = "json"  # one object on each line


class AccessLog(StrEnum):
    """Which requests are logged."""

    CHANGES = "changes"  # requests that change something, are refused or fail
    ALL = "all"
    NONE = "none"


class Isolation(StrEnum):
    """Whether connectors are kept from each other and from the rest of the host."""

    ON = "on"  # as far as the kernel can
    OFF = "off"
