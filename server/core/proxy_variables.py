"""Variables that decide about the host's proxy."""

#: They may hold a password.
VARIABLES = (
    "MOTTE_PROXY",
    *("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"),
    *("no_proxy", "NO_PROXY"),
)
